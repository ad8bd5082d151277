// EN 319 102-1, 5.3, the validation process for basic signatures: one signature at the current
// time, without any time-stamp. Its inputs are plain data; nothing is read from a file here.
#pragma once

#include "validation/acceptance.h"
#include "validation/crypto_verification.h"
#include "validation/format_checking.h"
#include "validation/signing_certificate.h"
#include "validation/timestamp.h"
#include "validation/x509_validation.h"

namespace tsp::validation {

inline constexpr std::string_view kStampedAfterRevocation = "timestamp.after-revocation",
                                  kStampedAfterExpiry = "timestamp.after-expiry";

struct BasicValidation {
  Conclusion conclusion;
  FormatCheck format;
  SigningCertificate signing;
  PathOutcome path;
  std::vector<TimestampValidation> content_timestamps;  // over the signed content
  std::vector<StepResult> steps;
  std::vector<Finding> findings;  // of constraints that are not met and do not fail
};

// 5.2.2, 5.2.3, 5.2.4, 5.2.6 (its status is remembered), 5.2.7, and, when all passed, 5.2.8. A
// content time-stamp that holds and is later than the revocation or the end of the certificate
// makes the verdict final: REVOKED, EXPIRED.
BasicValidation validate_basic(const pdf::SignatureEntry& entry, Digests& digests,
                               Context& context);

}  // namespace tsp::validation
