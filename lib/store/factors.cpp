#include "store/factors.h"

#include "store/changed.h"
#include "store/settings.h"

namespace tsp::store {

std::int64_t insert_factor(Transaction& transaction, const FactorRow& factor) {
  const std::int64_t id = next_value(transaction, "factor");
  transaction
      .prepare(
          "INSERT INTO factors (id, user_name, type, data, last_step, created_at) "
          "VALUES (?, ?, ?, ?, ?, ?)")
      .bind(id)
      .bind(factor.user)
      .bind(factor.type)
      .bind(factor.data)
      .bind(factor.last_step)
      .bind(factor.created_at)
      .run();
  return id;
}

std::vector<FactorRow> factors_of(Database& database, std::string_view user) {
  std::vector<FactorRow> factors;
  Statement rows = database.prepare(
      "SELECT id, user_name, type, data, last_step, created_at FROM factors "
      "WHERE user_name = ? ORDER BY id");
  rows.bind(user);
  while (rows.step())
    factors.push_back(
        {rows.integer(0), rows.text(1), rows.text(2), rows.blob(3), rows.integer(4), rows.time(5)});
  return factors;
}

void set_factor_data(Transaction& transaction, std::int64_t id, ByteView data) {
  transaction.prepare("UPDATE factors SET data = ? WHERE id = ?").bind(data).bind(id).run();
  expect_changed(transaction.database(), "the factor", std::to_string(id));
  forget_changed(transaction.database());
}

bool advance_factor(Transaction& transaction, std::int64_t id, std::int64_t step) {
  transaction.prepare("UPDATE factors SET last_step = ? WHERE id = ? AND last_step < ?")
      .bind(step)
      .bind(id)
      .bind(step)
      .run();
  return transaction.database().changes() > 0;
}

void delete_factor(Transaction& transaction, std::int64_t id) {
  transaction.prepare("DELETE FROM factors WHERE id = ?").bind(id).run();
  expect_changed(transaction.database(), "the factor", std::to_string(id));
  forget_changed(transaction.database());
}

}  // namespace tsp::store
