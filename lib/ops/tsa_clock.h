// The clock that time-stamps are made by (EN 319 421 7.7.2).
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

// The clock's verdict, kept in each token's record.
struct ClockVerdict {
  std::string mode;  // synchronised, trusted
  bool ok = false;
  std::string detail;
};
ClockVerdict judge_clock(Provider& provider);

}  // namespace tsp::ops
