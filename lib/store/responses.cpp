#include "store/responses.h"

#include "store/changed.h"

namespace tsp::store {

void insert_response(Transaction& transaction, const ResponseRow& response) {
  transaction
      .prepare(
          "INSERT INTO responses (id, caller, user_name, status, body, due_at, expires_at) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(response.id)
      .bind(response.caller)
      .bind(response.user)
      .bind(response.status)
      .bind(response.body)
      .bind(response.due_at)
      .bind(response.expires_at)
      .run();
}

std::optional<ResponseRow> find_response(Database& database, ByteView id) {
  Statement row = database.prepare(
      "SELECT id, caller, user_name, status, body, due_at, expires_at FROM responses "
      "WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return ResponseRow{row.blob(0), row.text(1), row.text(2), row.integer(3),
                     row.blob(4), row.time(5), row.time(6)};
}

bool complete_response(Transaction& transaction, ByteView id, std::int64_t status, ByteView body) {
  transaction.prepare("UPDATE responses SET status = ?, body = ? WHERE id = ? AND status = 0")
      .bind(status)
      .bind(body)
      .bind(id)
      .run();
  return transaction.database().changes() > 0;
}

ResponseTotals count_responses(Database& database, std::string_view caller) {
  ResponseTotals totals;
  Statement of_caller = database.prepare(
      "SELECT COUNT(*), COALESCE(SUM(length(body)), 0) FROM responses WHERE caller = ?");
  of_caller.bind(caller).step();
  totals.of_caller = of_caller.integer(0);
  totals.octets_of_caller = of_caller.integer(1);
  Statement of_all = database.prepare("SELECT COUNT(*) FROM responses");
  of_all.step();
  totals.of_all = of_all.integer(0);
  return totals;
}

std::int64_t delete_expired_responses(Transaction& transaction, Time now) {
  transaction.prepare("DELETE FROM responses WHERE expires_at <= ?").bind(now).run();
  return forget_changed(transaction.database());
}

}  // namespace tsp::store
