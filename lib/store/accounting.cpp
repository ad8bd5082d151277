#include "store/accounting.h"

namespace tsp::store {

void count_calls(Transaction& transaction, const AccountRow& account) {
  transaction
      .prepare(
          "INSERT INTO accounting (group_name, day, operation, outcome, calls) "
          "VALUES (?, ?, ?, ?, ?) ON CONFLICT (group_name, day, operation, outcome) "
          "DO UPDATE SET calls = accounting.calls + excluded.calls")
      .bind(account.group)
      .bind(account.day)
      .bind(account.operation)
      .bind(account.outcome)
      .bind(account.calls)
      .run();
}

std::vector<AccountRow> accounts_of(Database& database, std::string_view group, std::int64_t first,
                                    std::int64_t last) {
  std::vector<AccountRow> accounts;
  Statement row = database.prepare(
      "SELECT group_name, day, operation, outcome, calls FROM accounting "
      "WHERE group_name = ? AND day BETWEEN ? AND ? ORDER BY day, operation, outcome");
  row.bind(group).bind(first).bind(last);
  while (row.step())
    accounts.push_back({row.text(0), row.integer(1), row.text(2), row.text(3), row.integer(4)});
  return accounts;
}

}  // namespace tsp::store
