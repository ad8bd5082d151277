#include "store/settings.h"

namespace tsp::store {

std::optional<std::string> setting(Database& database, std::string_view name) {
  Statement row = database.prepare("SELECT value FROM settings WHERE name = ?");
  if (!row.bind(name).step()) return std::nullopt;
  return row.text(0);
}

void set_setting(Transaction& transaction, std::string_view name, std::string_view value) {
  transaction
      .prepare(
          "INSERT INTO settings (name, value) VALUES (?, ?) "
          "ON CONFLICT (name) DO UPDATE SET value = excluded.value")
      .bind(name)
      .bind(value)
      .run();
}

std::int64_t next_value(Transaction& transaction, std::string_view counter) {
  Statement row = transaction.prepare(
      "INSERT INTO counters (name, value) VALUES (?, 1) "
      "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value");
  row.bind(counter).step();
  const std::int64_t value = row.integer(0);
  row.run();
  return value;
}

}  // namespace tsp::store
