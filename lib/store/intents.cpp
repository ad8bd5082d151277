#include "store/intents.h"

#include "store/changed.h"

namespace tsp::store {

void insert_intent(Transaction& transaction, const IntentRow& intent) {
  transaction
      .prepare("INSERT INTO intents (audit_seq, key_name, dtbs, created_at) VALUES (?, ?, ?, ?)")
      .bind(intent.audit_seq)
      .bind(intent.key)
      .bind(intent.dtbs)
      .bind(intent.created_at)
      .run();
}

void close_intent(Transaction& transaction, std::int64_t audit_seq) {
  transaction.prepare("DELETE FROM intents WHERE audit_seq = ?").bind(audit_seq).run();
  expect_changed(transaction.database(), "the open intent of record", std::to_string(audit_seq));
}

std::vector<IntentRow> open_intents(Database& database) {
  std::vector<IntentRow> intents;
  Statement rows = database.prepare(
      "SELECT audit_seq, key_name, dtbs, created_at FROM intents ORDER BY audit_seq");
  while (rows.step())
    intents.push_back({rows.integer(0), rows.text(1), rows.blob(2), rows.time(3)});
  return intents;
}

}  // namespace tsp::store
