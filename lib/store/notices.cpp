#include "store/notices.h"

#include "store/changed.h"
#include "store/settings.h"

namespace tsp::store {

std::int64_t insert_notice(Transaction& transaction, const NoticeRow& notice) {
  const std::int64_t id = next_value(transaction, "notices");
  transaction
      .prepare(
          "INSERT INTO notices (id, user_name, address, subject, body, created_at, tries, "
          "next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(id)
      .bind(notice.user)
      .bind(notice.address)
      .bind(notice.subject)
      .bind(notice.body)
      .bind(notice.created_at)
      .bind(notice.tries)
      .bind(notice.next_at)
      .run();
  return id;
}

std::vector<NoticeRow> due_notices(Database& database, Time now, std::int64_t most) {
  std::vector<NoticeRow> notices;
  Statement row = database.prepare(
      "SELECT id, user_name, address, subject, body, created_at, tries, next_at FROM notices "
      "WHERE next_at <= ? ORDER BY next_at, id LIMIT ?");
  row.bind(now).bind(most);
  while (row.step())
    notices.push_back({row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4),
                       row.time(5), row.integer(6), row.time(7)});
  return notices;
}

std::int64_t waiting_notices(Database& database) {
  Statement row = database.prepare("SELECT COUNT(*) FROM notices");
  row.step();
  return row.integer(0);
}

std::optional<Time> oldest_notice(Database& database) {
  Statement row = database.prepare("SELECT MIN(created_at) FROM notices");
  if (!row.step()) return std::nullopt;
  return row.optional_time(0);
}

void postpone_notice(Transaction& transaction, std::int64_t id, Time next_at) {
  transaction.prepare("UPDATE notices SET tries = tries + 1, next_at = ? WHERE id = ?")
      .bind(next_at)
      .bind(id)
      .run();
  expect_changed(transaction.database(), "the notice", std::to_string(id));
}

void delete_notice(Transaction& transaction, std::int64_t id) {
  transaction.prepare("DELETE FROM notices WHERE id = ?").bind(id).run();
  forget_changed(transaction.database());
}

}  // namespace tsp::store
