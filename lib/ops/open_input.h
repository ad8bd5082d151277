// A document by the name that a person gave it.
#pragma once

#include <string>

#include "base/files.h"
#include "ops/provider.h"

namespace tsp::ops {

// "-" is standard input, at most 1 GiB of it, kept as a file without a name: a document is read
// more than once. Errors: those of open_for_reading() and read_all(); what world.stop throws.
Fd open_input(const World& world, const std::string& name);

}  // namespace tsp::ops
