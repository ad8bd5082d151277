#include "store/seal_windows.h"

#include "store/changed.h"

namespace tsp::store {
namespace {

constexpr std::string_view kSelectWindows =
    "SELECT id, user_name, key_id, not_before, not_after, allowed, used, operators, approved_by, "
    "credential_mac, opened_at, last_used_at, mac FROM seal_windows ";

SealWindowRow window_row(const Statement& row) {
  return {row.blob(0),    row.text(1),    row.text(2),    row.time(3), row.time(4),
          row.integer(5), row.integer(6), row.integer(7), row.text(8), row.blob(9),
          row.time(10),   row.time(11),   row.blob(12)};
}

}  // namespace

void insert_seal_window(Transaction& transaction, const SealWindowRow& window) {
  transaction
      .prepare(
          "INSERT INTO seal_windows (id, user_name, key_id, not_before, not_after, allowed, used, "
          "operators, approved_by, credential_mac, opened_at, last_used_at, mac) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(window.id)
      .bind(window.user)
      .bind(window.key)
      .bind(window.not_before)
      .bind(window.not_after)
      .bind(window.allowed)
      .bind(window.used)
      .bind(window.operators)
      .bind(window.approved_by)
      .bind(window.credential_mac)
      .bind(window.opened_at)
      .bind(window.last_used_at)
      .bind(window.mac)
      .run();
}

std::optional<SealWindowRow> find_seal_window(Database& database, ByteView id) {
  Statement row = database.prepare(std::string(kSelectWindows) + "WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return window_row(row);
}

std::vector<SealWindowRow> seal_windows_of(Database& database, std::string_view user) {
  std::vector<SealWindowRow> windows;
  Statement row =
      database.prepare(std::string(kSelectWindows) + (user.empty() ? "" : "WHERE user_name = ? ") +
                       "ORDER BY opened_at DESC, id");
  if (!user.empty()) row.bind(user);
  while (row.step()) windows.push_back(window_row(row));
  return windows;
}

void update_seal_window(Transaction& transaction, const SealWindowRow& window) {
  transaction
      .prepare("UPDATE seal_windows SET approved_by = ?, credential_mac = ?, mac = ? WHERE id = ?")
      .bind(window.approved_by)
      .bind(window.credential_mac)
      .bind(window.mac)
      .bind(window.id)
      .run();
  expect_changed(transaction.database(), "the window", to_hex(window.id));
}

bool use_seal_window(Transaction& transaction, ByteView id, std::int64_t count, Time now) {
  transaction
      .prepare(
          "UPDATE seal_windows SET used = used + ?, "
          "last_used_at = CASE WHEN last_used_at < ? THEN ? ELSE last_used_at END "
          "WHERE id = ? AND length(credential_mac) = 32 AND used + ? <= allowed")
      .bind(count)
      .bind(now)
      .bind(now)
      .bind(id)
      .bind(count)
      .run();
  return transaction.database().changes() > 0;
}

}  // namespace tsp::store
