// EN 319 102-1, 5.2.8, signature acceptance validation: the signed attributes against the
// constraints of the format, and the algorithms of the signature against the dated suite.
#pragma once

#include "cms/signed_data.h"
#include "validation/conclusion.h"
#include "validation/policy.h"

namespace tsp::validation {

inline constexpr std::string_view kContentTypeDiffers = "attributes.content-type-differs",
                                  kAttributeMissing = "attributes.missing",
                                  kAlgorithmWeak = "crypto.weak-algorithm",
                                  kSignaturePolicy = "attributes.signature-policy";

// `at`: the moment at which the algorithms must be reliable, "now" or best-signature-time.
// SIG_CONSTRAINTS_FAILURE for the attributes; CRYPTO_CONSTRAINTS_FAILURE_NO_POE for algorithms that
// an earlier proof of existence could save, CRYPTO_CONSTRAINTS_FAILURE for those that had fallen
// out of the suite before the signing certificate began.
Conclusion accept_signature(const cms::SignerInfo& signer, const x509::Certificate& certificate,
                            std::string_view content_type, Time at, const Policy& policy);

// The last of them alone; passed where the policy does not fail for algorithms.
Conclusion accept_algorithms(const cms::SignerInfo& signer, const x509::Certificate& certificate,
                             Time at, const Policy& policy);

// Why the algorithms of the signature cannot be relied on at the moment, or nothing.
std::optional<std::string> objection(const cms::SignerInfo& signer,
                                     const x509::Certificate& certificate, Time at,
                                     const Policy& policy);

// The signature policy that the signed attributes name (5.2.4, EN 319 122-1 5.2.9), against those
// that the policy accepts: SIGNATURE_POLICY_NOT_AVAILABLE, POLICY_PROCESSING_ERROR where the
// attribute cannot be read, passed where there is none. What it says is NOT looked at.
Conclusion check_signature_policy(const cms::SignerInfo& signer, const Policy& policy);

}  // namespace tsp::validation
