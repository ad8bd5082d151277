// EN 319 102-1, 5.5, the validation process for signatures with time: what time-stamps prove about
// when the signature existed, and what of the basic verdict that mends.
#pragma once

#include "validation/basic.h"

namespace tsp::validation {

inline constexpr std::string_view kStampedBeforeCertificate = "timestamp.before-certificate",
                                  kTimestampOrder = "timestamp.order",
                                  kTimestampDelay = "timestamp.delay",
                                  kClaimedLater = "signature.claimed-time-later";

// A time-stamp that covers the signature value: from the signature-time-stamp attribute, or a
// document time-stamp over the signature's whole revision. Judged, by 5.4 and by 5.6.3 step 5.
struct CoveringStamp {
  std::string kind;  // signature, document
  std::string id;
  const TimestampValidation* judged;
};

struct TimedValidation {
  Conclusion conclusion;
  Time best_signature_time{};  // the current time where nothing proves an earlier one
  bool proven = false;         // by a time-stamp that passed at the current time
  // What the conclusion is about: the certificate's path at the current time, or at
  // best-signature-time where that was asked.
  PathOutcome path;
  std::vector<StepResult> steps;
  std::vector<Finding> findings;
};

// Only time-stamps that hold at the current time count here; clause 5.6 takes the others, with this
// result as its own step 3. `claimed`: the signing time that the signature claims.
TimedValidation validate_with_time(const BasicValidation& basic,
                                   const std::vector<CoveringStamp>& stamps,
                                   const std::optional<Time>& claimed, Context& context);

// 5.5 step 5, 5.6.3 step 8, for a best-signature-time that a time-stamp proves.
Conclusion check_delay(const std::optional<Time>& claimed, Time best_signature_time,
                       const Policy& policy);

}  // namespace tsp::validation
