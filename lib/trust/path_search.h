// Candidates for a path, found by names, key identifiers and signatures. Internal to the room.
#pragma once

#include <vector>

#include "trust/anchors.h"

namespace tsp::trust {

// Leaf to anchor, or as far as issuers were found.
using Chain = std::vector<x509::Certificate>;

struct PathSearch {
  std::vector<Chain> complete;  // most promising first: right signatures, valid at the moment
  Chain longest;                // when none is complete
};
// Bounded whatever the pool holds: ten certificates a path, sixteen complete paths, a thousand
// steps.
PathSearch search_paths(const x509::Certificate& leaf, const std::vector<x509::Certificate>& pool,
                        const TrustStore& store, Time at);

bool is_signed_by(const x509::Certificate& certificate, const x509::Certificate& issuer);
bool is_valid_at(const x509::Certificate& certificate, Time at);

}  // namespace tsp::trust
