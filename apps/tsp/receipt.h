// Members of a receipt, as commands show them. A member that is not there, or of another kind, is a
// fault of whoever answered: Error{failed}.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"

namespace tsp::app {

std::string text(const Json& receipt, const char* member);  // null: empty
std::int64_t integer(const Json& receipt, const char* member);
bool flag(const Json& receipt, const char* member);

}  // namespace tsp::app
