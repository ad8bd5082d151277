// How often a group's callers did what, by day.
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct AccountRow {
  std::string group;
  std::int64_t day = 0;  // days since 1970, UTC
  std::string operation, outcome;
  std::int64_t calls = 0;
};
void count_calls(Transaction&, const AccountRow&);  // adds `calls` to what is there
// Of the days from `first` to `last`, both included, by day, operation and outcome.
std::vector<AccountRow> accounts_of(Database&, std::string_view group, std::int64_t first,
                                    std::int64_t last);

}  // namespace tsp::store
