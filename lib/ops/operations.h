// The rows of ops/call.h, one file a noun. Each file says which members a request has.
#pragma once

#include "ops/call.h"
#include "ops/provider.h"

namespace tsp::ops {

std::vector<Operation> user_operations();

}  // namespace tsp::ops
