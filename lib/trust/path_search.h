// Candidates for a path, found by names, key identifiers and signatures. Internal to the room.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "trust/anchors.h"

namespace tsp::trust {

// Leaf to anchor, or as far as issuers were found.
using Chain = std::vector<x509::Certificate>;

// Of a complete path: true when no other is wanted.
using TakePath = std::function<bool(const Chain&)>;

// What is left to tell where no path was taken.
struct PathSearch {
  Chain longest;  // every one signed by the next
  // Of the name and key identifier that the longest asks for, but it did not sign.
  std::optional<x509::Certificate> impostor;
};
// Hands over complete paths, most promising first, until one is taken: right signatures before an
// anchor that did not sign, valid at the moment before others, anchors before others. Nothing is
// looked for above a candidate that did not sign. Bounded whatever the pool holds: ten certificates
// a path, sixteen complete paths, a thousand steps, 256 of them to candidates that did not sign.
PathSearch search_paths(const x509::Certificate& leaf, const std::vector<x509::Certificate>& pool,
                        const TrustStore& store, Time at, const TakePath& take);

// The signature alone; false too for keys that nothing is verified with, see crypto::is_tractable.
bool is_signed_by(const x509::Certificate& certificate, const x509::Certificate& issuer);
bool is_valid_at(const x509::Certificate& certificate, Time at);

}  // namespace tsp::trust
