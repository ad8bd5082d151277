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
                                  kChainWeak = "certificate.weak-algorithm",
                                  kSunset = "certificate.anchor-sunset",
                                  kResponderExpired = "certificate.responder-expired";

struct PathOutcome {
  Conclusion conclusion;
  std::vector<x509::Certificate> chain;  // signing certificate to anchor, as far as found
  // When the certificate that the conclusion names was revoked (REVOKED_NO_POE and
  // REVOKED_CA_NO_POE) or suspended (TRY_LATER).
  std::optional<Time> revoked_at;
  // Of each certificate below the anchor; nothing where it was not asked for.
  std::vector<std::optional<trust::RevocationVerdict>> revocation;
  std::vector<Finding> findings;  // of constraints that are not met and do not fail
};

// passed; NO_CERTIFICATE_CHAIN_FOUND; NO_CERTIFICATE_CHAIN_FOUND_NO_POE (an anchor after its sunset
// date); CERTIFICATE_CHAIN_GENERAL_FAILURE; CHAIN_CONSTRAINTS_FAILURE; REVOKED_NO_POE;
// REVOKED_CA_NO_POE; OUT_OF_BOUNDS_NOT_REVOKED; OUT_OF_BOUNDS_NO_POE;
// REVOCATION_OUT_OF_BOUNDS_NO_POE; TRY_LATER; CRYPTO_CONSTRAINTS_FAILURE(_NO_POE). `at` is the
// moment judged: the current time, or, when a process asks again, best-signature-time. Missing
// evidence is asked of context.source once.
//
// Stricter than the letter where an authority was revoked after `at`: what it said of its
// certificates after its revocation does not count, nor, where its key may have been in wrong
// hands, what is not proven to have existed by then (5.6.2.4 asks that of past signatures only).
PathOutcome validate_x509(const x509::Certificate& certificate, trust::Usage usage,
                          Context& context, Time at);

// RFC 5280 section 6 as the policy has it, without revocation.
trust::PathRules rules_of(const Policy& policy, trust::Usage usage);

trust::Service service_of(trust::Usage usage);

}  // namespace tsp::validation
