// Refusals that somebody else counted: of callers for whom nobody vouches, by reason and minute.
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

// One record for all of them.
void record_refusals(Provider& provider, const store::RefusalRow& counted);

}  // namespace tsp::ops
