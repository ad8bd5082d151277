#include "store/groups.h"

#include "store/changed.h"

namespace tsp::store {
namespace {

constexpr std::string_view kSelectGroups =
    "SELECT name, profile, ca, factors_scal1, factors_scal2, enrolment, bare_hashes, documents, "
    "approval_seconds, api_key_sha256, state, created_at, seal_operators, "
    "lists_credentials FROM groups ";

GroupRow group_row(const Statement& row) {
  return {row.text(0),  row.text(1),         row.text(2),     row.text(3),         row.text(4),
          row.text(5),  row.integer(6) != 0, row.integer(7),  row.integer(8),      row.text(9),
          row.text(10), row.time(11),        row.integer(12), row.integer(13) != 0};
}

std::optional<GroupRow> find(Database& database, std::string_view where, std::string_view value) {
  Statement row = database.prepare(std::string(kSelectGroups) + std::string(where));
  if (!row.bind(value).step()) return std::nullopt;
  return group_row(row);
}

Statement& bind_rules(Statement& statement, const GroupRow& group) {
  return statement.bind(group.profile)
      .bind(group.ca)
      .bind(group.factors_scal1)
      .bind(group.factors_scal2)
      .bind(group.enrolment)
      .bind(group.bare_hashes ? 1 : 0)
      .bind(group.documents)
      .bind(group.approval_seconds)
      .bind(group.api_key_sha256)
      .bind(group.state)
      .bind(group.seal_operators)
      .bind(group.lists_credentials ? 1 : 0);
}

}  // namespace

void insert_group(Transaction& transaction, const GroupRow& group) {
  Statement statement = transaction.prepare(
      "INSERT INTO groups (profile, ca, factors_scal1, factors_scal2, enrolment, bare_hashes, "
      "documents, approval_seconds, api_key_sha256, state, seal_operators, lists_credentials, "
      "name, "
      "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  bind_rules(statement, group).bind(group.name).bind(group.created_at).run();
}

void update_group(Transaction& transaction, const GroupRow& group) {
  Statement statement = transaction.prepare(
      "UPDATE groups SET profile = ?, ca = ?, factors_scal1 = ?, factors_scal2 = ?, "
      "enrolment = ?, bare_hashes = ?, documents = ?, approval_seconds = ?, api_key_sha256 = ?, "
      "state = ?, seal_operators = ?, lists_credentials = ? WHERE name = ?");
  bind_rules(statement, group).bind(group.name).run();
  expect_changed(transaction.database(), "the group", group.name);
}

std::optional<GroupRow> find_group(Database& database, std::string_view name) {
  return find(database, "WHERE name = ?", name);
}

std::optional<GroupRow> find_group_by_api_key(Database& database, std::string_view sha256) {
  if (sha256.empty()) return std::nullopt;
  return find(database, "WHERE api_key_sha256 = ?", sha256);
}

std::vector<GroupRow> all_groups(Database& database) {
  std::vector<GroupRow> groups;
  Statement row = database.prepare(std::string(kSelectGroups) + "ORDER BY name");
  while (row.step()) groups.push_back(group_row(row));
  return groups;
}

}  // namespace tsp::store
