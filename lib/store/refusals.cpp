#include "store/refusals.h"

namespace tsp::store {

std::int64_t count_refusal(Transaction& transaction, const RefusalRow& refusal) {
  Statement row = transaction.prepare(
      "INSERT INTO refusals (caller, reason, minute, times) VALUES (?, ?, ?, 1) "
      "ON CONFLICT (minute, caller, reason) DO UPDATE SET times = refusals.times + 1 "
      "RETURNING times");
  row.bind(refusal.caller).bind(refusal.reason).bind(refusal.minute).step();
  const std::int64_t times = row.integer(0);
  row.run();
  return times;
}

bool has_refusals_before(Database& database, std::int64_t minute) {
  Statement row = database.prepare("SELECT 1 FROM refusals WHERE minute < ? LIMIT 1");
  return row.bind(minute).step();
}

std::vector<RefusalRow> take_refusals_before(Transaction& transaction, std::int64_t minute) {
  std::vector<RefusalRow> taken;
  {
    Statement rows = transaction.prepare(
        "SELECT caller, reason, minute, times FROM refusals WHERE minute < ? "
        "ORDER BY minute, caller, reason");
    rows.bind(minute);
    while (rows.step())
      taken.push_back({rows.text(0), rows.text(1), rows.integer(2), rows.integer(3)});
  }
  transaction.prepare("DELETE FROM refusals WHERE minute < ?").bind(minute).run();
  return taken;
}

}  // namespace tsp::store
