// EN 319 102-1, 5.2.8, signature acceptance validation: the signed attributes against the
// constraints of the format, and the algorithms of the signature against the dated suite.
#pragma once

#include "cms/signed_data.h"
#include "pdf/document.h"
#include "validation/conclusion.h"

namespace tsp::validation {

inline constexpr std::string_view kContentTypeDiffers = "attributes.content-type-differs",
                                  kAttributeMissing = "attributes.missing",
                                  kAlgorithmWeak = "crypto.weak-algorithm";

// `at`: the moment at which the algorithms must be reliable, "now" or best-signature-time.
// SIG_CONSTRAINTS_FAILURE for the attributes; CRYPTO_CONSTRAINTS_FAILURE_NO_POE for algorithms that
// an earlier proof of existence could save, CRYPTO_CONSTRAINTS_FAILURE for those that had fallen
// out of the suite before the signing certificate began.
Conclusion accept_signature(const cms::SignerInfo& signer, const x509::Certificate& certificate,
                            std::string_view content_type, Time at);

// The last of them alone.
Conclusion accept_algorithms(const cms::SignerInfo& signer, const x509::Certificate& certificate,
                             Time at);

}  // namespace tsp::validation
