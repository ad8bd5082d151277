// Fetching and verifying the lists of an entry. Internal to the room.
#pragma once

#include "ops/trust.h"

namespace tsp::ops {

// `entry` with the lists of now in place of those it has, and what failed. Error where the named
// list itself fails.
TrustChanged fetch_lists(const World& world, const TrustEntry& entry);

}  // namespace tsp::ops
