// EN 319 102-1, 5.5, the validation process for signatures with time: what time-stamps prove about
// when the signature existed, and what of the basic verdict that mends.
#pragma once

#include "validation/basic.h"
#include "validation/timestamp.h"

namespace tsp::validation {

inline constexpr std::string_view kStampedBeforeCertificate = "timestamp.before-certificate";

// A time-stamp that covers the signature value: from the signature-time-stamp attribute, or a
// document time-stamp over the signature's whole revision.
struct CandidateTimestamp {
  std::string kind;  // signature, document
  Bytes token;
  std::function<Bytes(crypto::HashAlgorithm)> imprint_of;
};

struct TimedValidation {
  Conclusion conclusion;
  Time best_signature_time;  // the current time where nothing proves an earlier one
  bool proven = false;       // by a time-stamp that passed
  std::vector<TimestampValidation> timestamps;  // one a candidate
};

// Past verdicts with POE of revocation data, archive time-stamps and validation time sliding are
// clause 5.6's, which takes this result as its own step 3.
TimedValidation validate_with_time(const BasicValidation& basic,
                                   const std::vector<CandidateTimestamp>& candidates,
                                   Context& context);

}  // namespace tsp::validation
