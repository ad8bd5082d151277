// Wrong tries by name, known or unknown; raised before the check, cleared after a right one.
#pragma once

#include "store/database.h"

namespace tsp::store {

std::int64_t raise_attempts(Transaction&, std::string_view name, Time now);  // the new count
std::int64_t attempts_of(Database&, std::string_view name);
struct AttemptsRow {
  std::int64_t tries;
  Time last_at;
};
std::optional<AttemptsRow> find_attempts(Database&, std::string_view name);
// Takes one back: no verdict was given. Not an error where there is none.
void lower_attempts(Transaction&, std::string_view name);
void clear_attempts(Transaction&, std::string_view name);

}  // namespace tsp::store
