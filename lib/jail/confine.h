// What a parsing child gives up before it looks at a single octet from outside.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "jail/jail.h"

namespace tsp::jail {

// The descriptors that a child keeps. 0 to 2 are /dev/null.
inline constexpr int kChannelFd = 3, kFileFd = 4;

using Filter = std::vector<sock_filter>;

// The seccomp program: read, seek and fstat, anonymous memory that is never executable, clocks,
// random octets, writing to the channel, the end; anything else kills the process. Under
// sanitizers, whose runtime needs files and processes to make its report, only what reaches out of
// the machine or changes files is forbidden. Throws Error{failed}. Computed once, in the helper: it
// takes longer than installing it.
Filter make_filter();

// Limits, no new privileges, no core, no tracing, dies with its parent, filter. Throws
// Error{failed} when any of it cannot be had: no parser runs unconfined.
void confine(const Limits& limits, const Filter& filter, int parent);

}  // namespace tsp::jail
