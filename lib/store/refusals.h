// Refusals before a caller is authenticated, counted by caller, reason and minute.
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct RefusalRow {
  std::string caller, reason;
  std::int64_t minute = 0, count = 0;  // minutes since 1970
};
std::int64_t count_refusal(Transaction&, const RefusalRow&);  // adds one; the new count
bool has_refusals_before(Database&, std::int64_t minute);
// Takes out (and returns) the counters of minutes before `minute`, to be put on record.
std::vector<RefusalRow> take_refusals_before(Transaction&, std::int64_t minute);

}  // namespace tsp::store
