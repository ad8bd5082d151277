// Groups of service providers: what a group's signers need and may do.
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct GroupRow {
  std::string name;
  std::string profile;  // of its signers' certificates; empty: by the kind of person
  std::string ca;       // role of the issuing CA
  std::string factors_scal1, factors_scal2;  // sam/requirement.h
  std::string enrolment;                     // one-step, two-step
  bool bare_hashes = true;
  std::int64_t documents = 0;         // under one approval; 0: as the configuration says
  std::int64_t approval_seconds = 0;  // the same
  std::string api_key_sha256;         // hex, or empty
  std::string state;                  // active, suspended
  Time created_at{};
  std::int64_t seal_operators = 1;  // who approve a window for a machine; 0: none is opened
  bool lists_credentials = false;   // to the holder of its API key
};
void insert_group(Transaction&, const GroupRow&);  // Error{already_exists} for a name
void update_group(Transaction&, const GroupRow&);  // all but name and created_at
std::optional<GroupRow> find_group(Database&, std::string_view name);
std::optional<GroupRow> find_group_by_api_key(Database&, std::string_view sha256);
std::vector<GroupRow> all_groups(Database&);  // by name

}  // namespace tsp::store
