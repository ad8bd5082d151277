// Algorithms of a chain against the dated suite policy. Internal to the room.
#pragma once

#include "trust/path.h"
#include "trust/path_search.h"

namespace tsp::trust {

// Findings kWeak: each signature below the anchor with its issuer's key, and the leaf's key.
std::vector<PathFinding> weaknesses(const Chain& chain, Time at);

}  // namespace tsp::trust
