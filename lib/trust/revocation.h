// Whether a certificate was revoked, by the evidence at hand and as of a moment (RFC 5280 section
// 6.3, RFC 6960, EN 319 102-1 5.2.5 and 5.2.6). Pure: nothing is fetched.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "x509/certificate.h"
#include "x509/revocation.h"

namespace tsp::trust {

// What was collected, in any order and for any certificates; all of it may be hostile.
struct Evidence {
  std::vector<x509::Crl> crls;
  std::vector<x509::OcspResponse> ocsp;
  // Certificates of responders and of keys that sign CRLs only.
  std::vector<x509::Certificate> certificates{};
  // When the evidence is known to have existed (now, when just fetched): what claims to be later is
  // false. Nothing: not known.
  std::optional<Time> proof{};
};

// EN 319 102-1 judges past signatures with evidence made later; a signer's own check may not.
enum class Later { refuse, accept };

enum class RevocationSource { none, crl, ocsp };

// A piece of evidence whose signature holds.
struct Piece {
  RevocationSource source;
  std::size_t index;  // in Evidence::crls or Evidence::ocsp
  Time issued;        // thisUpdate of a CRL, producedAt of an OCSP answer
  const x509::Certificate& signer;
};
// A caller's own condition: why the piece cannot be used, or nothing.
using Admission = std::function<std::optional<std::string>(const Piece&)>;

// When a piece is proven to have existed, by its index as above.
using ProofOf = std::function<Time(RevocationSource, std::size_t)>;

struct RevocationRules {
  // Of evidence at `at`; nothing: its own nextUpdate - thisUpdate.
  std::optional<std::chrono::seconds> max_age{};
  Later made_after = Later::refuse;  // evidence issued after `at`
  std::chrono::seconds skew{60};     // other people's clocks
  Admission admit{};
  ProofOf proven{};  // without it Evidence::proof counts for all
};

enum class RevocationStatus { good, revoked, unknown, not_needed };

struct RevocationVerdict {
  RevocationStatus status = RevocationStatus::unknown;
  RevocationSource source = RevocationSource::none;
  std::size_t index = 0;  // of the evidence used, in Evidence::crls or Evidence::ocsp
  // Revoked: since when and why, RFC 5280's names ("certificateHold" is a suspension, which later
  // evidence can end). Compare with the moment that matters: revoked_at may lie after `at`.
  Time revoked_at{};
  std::string reason;
  Time this_update{};
  std::optional<Time> next_update;
  std::optional<x509::Certificate> responder;  // whose key signed the evidence
  bool fresh = false;  // this_update > at - max age; nothing without nextUpdate or rule is fresh
  std::string text;    // for people: what the evidence lacks, or why nothing is needed
};

// Judges every piece of evidence and takes the latest that is authentic and covers the certificate;
// a revocation that is no suspension is never undone by other evidence. Authentic is:
// - a CRL under the issuer's name, signed by its key or by another key of that name whose
//   certificate leads to the end of the chain, was valid and is itself shown unrevoked; complete or
//   narrowed by an issuing distribution point that the certificate fits. Several narrowed by
//   reasons count together. An indirect CRL of another issuer counts where the certificate's
//   distribution points name that issuer and the chain certified it; a delta CRL together with the
//   base that it is relative to.
// - an OCSP answer of a responder that the issuer authorised, whose certificate was valid when it
//   answered and has ocsp-nocheck or is itself shown unrevoked by the CRLs; or revoked after it
//   answered, for a reason that leaves its key alone or with the answer proven to be older.
// `issuer` must have been valid when the evidence was made. Evidence made after the certificate
// expired says "good" only with ExpiredCertsOnCRL or ArchiveCutOff reaching back far enough.
// not_needed: noRevAvail (RFC 9608; never for a CA), validity-assured short-term (ETSI EN
// 319 412-1), ocsp-nocheck on a certificate for OCSP signing.
// Does NOT judge the issuer's path nor the strength of the evidence's algorithms.
RevocationVerdict check_revocation(const x509::Certificate& certificate,
                                   const x509::Certificate& issuer, const Evidence& evidence,
                                   Time at, const RevocationRules& rules = {});

// The same for chain[index] of a chain that verify_path found good (leaf to anchor; index is not
// the anchor's). Knowing what stands above the issuer, it also takes CRLs by a key of the issuer's
// name that the issuer did not certify itself (a new key, one for CRLs only).
RevocationVerdict check_revocation(const std::vector<x509::Certificate>& chain, std::size_t index,
                                   const Evidence& evidence, Time at,
                                   const RevocationRules& rules = {});

// Whether the revoked key may have been in wrong hands: no reason, or one that does not rule it
// out.
bool is_compromise(const std::string& reason);

// EN 319 102-1, 5.2.5.
bool is_fresh(Time this_update, std::optional<Time> next_update, Time at,
              const RevocationRules& rules);

}  // namespace tsp::trust
