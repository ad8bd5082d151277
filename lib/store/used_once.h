// What is good once: ids that were used, for as long as they could come again.
#pragma once

#include "store/database.h"

namespace tsp::store {

// False where it is there already: somebody used it before. `purpose` keeps ids of different kinds
// and origins apart.
bool use_once(Transaction&, std::string_view purpose, ByteView id, Time expires_at);
std::int64_t delete_expired_uses(Transaction&, Time now);  // expires_at <= now

}  // namespace tsp::store
