// EN 319 102-1, 5.3, the validation process for basic signatures: one signature at the current
// time, without any time-stamp. Its inputs are plain data; nothing is read from a file here.
#pragma once

#include "validation/acceptance.h"
#include "validation/crypto_verification.h"
#include "validation/format_checking.h"
#include "validation/signing_certificate.h"
#include "validation/x509_validation.h"

namespace tsp::validation {

struct BasicValidation {
  Conclusion conclusion;
  FormatCheck format;
  SigningCertificate signing;
  PathOutcome path;
};

// 5.2.2, 5.2.3, 5.2.6 (its status is remembered), 5.2.7, and, when all passed, 5.2.8. The
// validation context (5.2.4) is `context`; there is no policy to initialise yet.
BasicValidation validate_basic(const pdf::SignatureEntry& entry, Digests& digests,
                               Context& context);

}  // namespace tsp::validation
