// EN 319 102-1, 5.2.6, X.509 certificate validation, with 5.2.5, revocation freshness: the path to
// a trust anchor at a moment, whether any certificate of it was revoked by then, and whether the
// evidence is fresh enough to say so.
#pragma once

#include "trust/path.h"
#include "validation/conclusion.h"
#include "validation/context.h"

namespace tsp::validation {

inline constexpr std::string_view kNoChain = "certificate.no-chain",
                                  kChainInvalid = "certificate.chain-invalid",
                                  kPurpose = "certificate.purpose",
                                  kRevoked = "certificate.revoked",
                                  kCaRevoked = "certificate.ca-revoked",
                                  kSuspended = "certificate.suspended",
                                  kExpired = "certificate.expired",
                                  kNotYetValid = "certificate.not-yet-valid",
                                  kNoRevocation = "certificate.revocation-unknown",
                                  kStale = "certificate.revocation-stale",
                                  kChainWeak = "certificate.weak-algorithm";

struct PathOutcome {
  Conclusion conclusion;
  std::vector<x509::Certificate> chain;  // signing certificate to anchor, as far as found
  // When the certificate that the conclusion names was revoked (REVOKED_NO_POE and
  // REVOKED_CA_NO_POE) or suspended (TRY_LATER).
  std::optional<Time> revoked_at;
};

// passed; NO_CERTIFICATE_CHAIN_FOUND; CERTIFICATE_CHAIN_GENERAL_FAILURE; CHAIN_CONSTRAINTS_FAILURE;
// REVOKED_NO_POE; REVOKED_CA_NO_POE; OUT_OF_BOUNDS_NOT_REVOKED; OUT_OF_BOUNDS_NO_POE; TRY_LATER;
// CRYPTO_CONSTRAINTS_FAILURE(_NO_POE). `at` is the moment judged: the current time, or, when a
// process asks again, best-signature-time. Missing evidence is asked of context.source once.
PathOutcome validate_x509(const x509::Certificate& certificate, trust::Usage usage,
                          Context& context, Time at);

}  // namespace tsp::validation
