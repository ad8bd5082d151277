#include "store/keys.h"

#include "store/changed.h"

namespace tsp::store {
namespace {

constexpr std::string_view kKeyColumns =
    "id, owner, algorithm, scal, label, spki, blob, mechanism, wrapping_key, link_mac, state, "
    "created_at, destroyed_at, request";

std::string select_keys(std::string_view rest) {
  return "SELECT " + std::string(kKeyColumns) + " FROM keys " + std::string(rest);
}

KeyRow key_row(const Statement& row) {
  KeyRow key;
  key.id = row.text(0);
  key.owner = row.text(1);
  key.algorithm = row.text(2);
  key.scal = static_cast<int>(row.integer(3));
  key.label = row.text(4);
  key.spki = row.blob(5);
  key.blob = row.blob(6);
  key.mechanism = row.text(7);
  key.wrapping_key = row.text(8);
  key.link_mac = row.blob(9);
  key.state = row.text(10);
  key.created_at = row.time(11);
  key.destroyed_at = row.optional_time(12);
  key.request = row.blob(13);
  return key;
}

}  // namespace

void insert_key(Transaction& transaction, const KeyRow& key) {
  transaction
      .prepare("INSERT INTO keys (" + std::string(kKeyColumns) +
               ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(key.id)
      .bind(key.owner)
      .bind(key.algorithm)
      .bind(key.scal)
      .bind(key.label)
      .bind(key.spki)
      .bind(key.blob)
      .bind(key.mechanism)
      .bind(key.wrapping_key)
      .bind(key.link_mac)
      .bind(key.state)
      .bind(key.created_at)
      .bind(key.destroyed_at)
      .bind(key.request)
      .run();
}

std::optional<KeyRow> find_key(Database& database, std::string_view id) {
  Statement row = database.prepare(select_keys("WHERE id = ?"));
  if (!row.bind(id).step()) return std::nullopt;
  return key_row(row);
}

std::vector<KeyRow> keys_of(Database& database, std::string_view owner) {
  std::vector<KeyRow> keys;
  Statement rows = database.prepare(select_keys(
      owner.empty() ? "ORDER BY created_at, id" : "WHERE owner = ? ORDER BY created_at, id"));
  if (!owner.empty()) rows.bind(owner);
  while (rows.step()) keys.push_back(key_row(rows));
  return keys;
}

std::vector<KeyRow> keys_after(Database& database, std::string_view owner, std::string_view id,
                               std::size_t most) {
  std::string where;
  if (!owner.empty()) where = "WHERE owner = ?";
  if (!id.empty())
    where += std::string(where.empty() ? "WHERE" : " AND") +
             " (created_at, id) > (SELECT created_at, id FROM keys WHERE id = ?)";
  Statement rows = database.prepare(select_keys(where + " ORDER BY created_at, id LIMIT ?"));
  if (!owner.empty()) rows.bind(owner);
  if (!id.empty()) rows.bind(id);
  rows.bind(static_cast<std::int64_t>(most));
  std::vector<KeyRow> keys;
  while (rows.step()) keys.push_back(key_row(rows));
  return keys;
}

std::vector<KeyRow> keys_beginning(Database& database, std::string_view prefix, std::size_t most) {
  Statement rows = database.prepare(select_keys("WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"));
  rows.bind(prefix)
      .bind(std::string(prefix) + 'g')  // behind every hex digit
      .bind(static_cast<std::int64_t>(most));
  std::vector<KeyRow> keys;
  while (rows.step()) keys.push_back(key_row(rows));
  return keys;
}

bool spki_is_known(Database& database, ByteView spki) {
  return database.prepare("SELECT 1 FROM keys WHERE spki = ?").bind(spki).step() ||
         database.prepare("SELECT 1 FROM certificates WHERE spki = ?").bind(spki).step();
}

void replace_blob(Transaction& transaction, std::string_view id, ByteView blob, ByteView link_mac) {
  transaction.prepare("UPDATE keys SET blob = ?, link_mac = ? WHERE id = ? AND state = 'active'")
      .bind(blob)
      .bind(link_mac)
      .bind(id)
      .run();
  expect_changed(transaction.database(), "the key", id);
  forget_changed(transaction.database());
}

void destroy_key(Transaction& transaction, std::string_view id, Time now) {
  const Bytes nothing;
  transaction
      .prepare(
          "UPDATE keys SET blob = ?, link_mac = ?, state = 'destroyed', destroyed_at = ? "
          "WHERE id = ?")
      .bind(nothing)
      .bind(nothing)
      .bind(now)
      .bind(id)
      .run();
  expect_changed(transaction.database(), "the key", id);
  forget_changed(transaction.database());
}

}  // namespace tsp::store
