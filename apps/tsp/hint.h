// What to do next about an error that does not say it itself.
#pragma once

#include <string>

#include "base/error.h"
#include "command.h"

namespace tsp::app {

// The error's own hint, or one by its fault; never empty. `command` may be nullptr.
std::string hint_of(const Error& error, const Command* command);

}  // namespace tsp::app
