#include "store/users.h"

#include "store/changed.h"

namespace tsp::store {
namespace {

constexpr std::string_view kUserColumns =
    "name, kind, group_name, common_name, given_name, surname, serial_number, organization, "
    "organization_id, email, country, state, proofing_sha256, created_at";

std::string select_users(std::string_view rest) {
  return "SELECT " + std::string(kUserColumns) + " FROM users " + std::string(rest);
}

UserRow user_row(const Statement& row) {
  UserRow user;
  int column = 0;
  for (std::string* field :
       {&user.name, &user.kind, &user.group, &user.common_name, &user.given_name, &user.surname,
        &user.serial_number, &user.organization, &user.organization_id, &user.email, &user.country,
        &user.state, &user.proofing_sha256})
    *field = row.text(column++);
  user.created_at = row.time(column);
  return user;
}

}  // namespace

void insert_user(Transaction& transaction, const UserRow& user) {
  Statement row = transaction.prepare("INSERT INTO users (" + std::string(kUserColumns) +
                                      ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const std::string* field :
       {&user.name, &user.kind, &user.group, &user.common_name, &user.given_name, &user.surname,
        &user.serial_number, &user.organization, &user.organization_id, &user.email, &user.country,
        &user.state, &user.proofing_sha256})
    row.bind(*field);
  row.bind(user.created_at).run();
}

std::optional<UserRow> find_user(Database& database, std::string_view name) {
  Statement row = database.prepare(select_users("WHERE name = ?"));
  if (!row.bind(name).step()) return std::nullopt;
  return user_row(row);
}

std::vector<UserRow> all_users(Database& database) {
  std::vector<UserRow> users;
  Statement rows = database.prepare(select_users("ORDER BY name"));
  while (rows.step()) users.push_back(user_row(rows));
  return users;
}

std::vector<UserRow> users_after(Database& database, std::string_view name, std::size_t most) {
  std::vector<UserRow> users;
  Statement rows = database.prepare(select_users("WHERE name > ? ORDER BY name LIMIT ?"));
  rows.bind(name).bind(static_cast<std::int64_t>(most));
  while (rows.step()) users.push_back(user_row(rows));
  return users;
}

std::int64_t count_users_of_group(Database& database, std::string_view group) {
  Statement row = database.prepare(
      "SELECT COUNT(*) FROM users WHERE group_name = ? "
      "AND state IN ('registered', 'active', 'suspended')");
  row.bind(group).step();
  return row.integer(0);
}

void set_user_state(Transaction& transaction, std::string_view name, std::string_view state) {
  transaction.prepare("UPDATE users SET state = ? WHERE name = ?").bind(state).bind(name).run();
  expect_changed(transaction.database(), "the user", name);
}

}  // namespace tsp::store
