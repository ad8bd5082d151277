// Small named values of this TSP (name, test policy OID, founding state, …), and counters.
#pragma once

#include "store/database.h"

namespace tsp::store {

std::optional<std::string> setting(Database&, std::string_view name);
void set_setting(Transaction&, std::string_view name, std::string_view value);

// Counts from 1; a value is given once, and is lasting when the transaction is.
std::int64_t next_value(Transaction&, std::string_view counter);

}  // namespace tsp::store
