// Name constraints that the validator brings along (RFC 5280 section 6.1.1 (h) and (i)). Internal
// to the room.
#pragma once

#include "trust/path.h"
#include "trust/path_search.h"

namespace tsp::trust {

// Findings kNameConstraints.
std::vector<PathFinding> names_outside(const Chain& chain, const PathRules& rules);

}  // namespace tsp::trust
