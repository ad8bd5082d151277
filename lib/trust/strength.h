// Algorithms of certificates and evidence against the dated suite policy.
#pragma once

#include "crypto/suite.h"
#include "trust/path.h"
#include "trust/path_search.h"
#include "x509/revocation.h"

namespace tsp::trust {

// How something was signed; nothing: an algorithm that is unknown here.
struct Algorithms {
  std::optional<crypto::Scheme> scheme;
  std::optional<crypto::HashAlgorithm> hash;
};
Algorithms algorithms_of(const x509::Certificate& certificate);  // of the signature on it
Algorithms algorithms_of(const x509::Crl& crl);
Algorithms algorithms_of(const x509::OcspResponse& response);

// Why what was signed so with that certificate's key cannot be relied on at the moment, or nothing.
std::optional<std::string> objection(const Algorithms& algorithms, const x509::Certificate& signer,
                                     Time at, const crypto::Suite& suite);
// The last moment at which it can: Time::max() where there is no end, nothing where it never could.
std::optional<Time> last_moment(const Algorithms& algorithms, const x509::Certificate& signer,
                                const crypto::Suite& suite);

// Findings kWeak: each signature below the anchor with its issuer's key, and the leaf's key.
std::vector<PathFinding> weaknesses(const Chain& chain, Time at, const crypto::Suite& suite);

}  // namespace tsp::trust
