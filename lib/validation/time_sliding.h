// EN 319 102-1, 5.6.2.2, validation time sliding: back from the current time to a moment at which
// every certificate of a chain can be shown to have been good.
#pragma once

#include "validation/x509_validation.h"

namespace tsp::validation {

inline constexpr std::string_view kNoProof = "certificate.no-proof";

// Whether revocation information about the signing certificate counts only where it is proven to
// have existed while its signer's certificate was valid (5.6.2.4 step 1).
enum class SignerEvidence { proven_in_time, any };

struct TimeSliding {
  Conclusion conclusion;  // passed; NO_POE; CRYPTO_CONSTRAINTS_FAILURE
  Time control_time{};
  std::vector<std::optional<trust::RevocationVerdict>> used;  // one a certificate below the anchor
};

// The shell model. `chain` is a good path but for revocation and dates, signing certificate to
// anchor. An anchor that has a sunset date, or that has expired, is trusted until then.
TimeSliding slide_validation_time(const std::vector<x509::Certificate>& chain, trust::Usage usage,
                                  SignerEvidence evidence, const Context& context);

}  // namespace tsp::validation
