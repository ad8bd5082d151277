// What signers are yet to be told.
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct NoticeRow {
  std::int64_t id = 0;  // assigned by insert, never used again
  std::string user, address, subject, body;
  Time created_at{};
  std::int64_t tries = 0;
  Time next_at{};  // not to be tried before
};
std::int64_t insert_notice(Transaction&, const NoticeRow&);
std::vector<NoticeRow> due_notices(Database&, Time now, std::int64_t most);  // oldest first
std::int64_t waiting_notices(Database&);
std::optional<Time> oldest_notice(Database&);  // created_at; nothing: none waits
void postpone_notice(Transaction&, std::int64_t id, Time next_at);  // counts a try
void delete_notice(Transaction&, std::int64_t id);                  // or it is gone already

}  // namespace tsp::store
