// How large a store is.
#pragma once

#include "store/database.h"

namespace tsp::store {

// Octets in the file, without its log.
std::uint64_t file_size(Database& database);

}  // namespace tsp::store
