#include "store/attempts.h"

namespace tsp::store {

// Not one statement that returns the count: SQLite makes a table for such an answer, which costs
// eight times what these do.
std::int64_t raise_attempts(Transaction& transaction, std::string_view name, Time now) {
  const auto before = find_attempts(transaction.database(), name);
  if (!before) {
    transaction.prepare("INSERT INTO attempts (name, tries, last_at) VALUES (?, 1, ?)")
        .bind(name)
        .bind(now)
        .run();
    return 1;
  }
  transaction.prepare("UPDATE attempts SET tries = ?, last_at = ? WHERE name = ?")
      .bind(before->tries + 1)
      .bind(now)
      .bind(name)
      .run();
  return before->tries + 1;
}

std::int64_t attempts_of(Database& database, std::string_view name) {
  Statement row = database.prepare("SELECT tries FROM attempts WHERE name = ?");
  return row.bind(name).step() ? row.integer(0) : 0;
}

std::optional<AttemptsRow> find_attempts(Database& database, std::string_view name) {
  Statement row = database.prepare("SELECT tries, last_at FROM attempts WHERE name = ?");
  if (!row.bind(name).step()) return std::nullopt;
  return AttemptsRow{row.integer(0), row.time(1)};
}

void lower_attempts(Transaction& transaction, std::string_view name) {
  transaction.prepare("UPDATE attempts SET tries = tries - 1 WHERE name = ? AND tries > 0")
      .bind(name)
      .run();
}

void clear_attempts(Transaction& transaction, std::string_view name) {
  transaction.prepare("DELETE FROM attempts WHERE name = ?").bind(name).run();
}

}  // namespace tsp::store
