// Signers and their attributes, by login name.
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct UserRow {
  std::string name;  // the login name, primary key
  std::string kind;  // natural, legal
  std::string group;
  std::string common_name, given_name, surname, serial_number, organization, organization_id, email,
      country;
  std::string state;            // registered, active, suspended, removed
  std::string proofing_sha256;  // hex of the proofing record, or empty
  Time created_at{};
};
void insert_user(Transaction&, const UserRow&);  // Error{already_exists} for a name
std::optional<UserRow> find_user(Database&, std::string_view name);
std::vector<UserRow> all_users(Database&);  // by name
// The first `most` names after this one; empty: from the beginning.
std::vector<UserRow> users_after(Database&, std::string_view name, std::size_t most);
// Those who were not removed.
std::int64_t count_users_of_group(Database&, std::string_view group);
void set_user_state(Transaction&, std::string_view name, std::string_view state);

}  // namespace tsp::store
