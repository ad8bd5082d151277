// The schema, as numbered steps. A step that was released is never changed: the store keeps the
// checksum of each step's SQL, and a difference is refused as tampering.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tsp::store {

struct Migration {
  int version;  // 1, 2, 3, … without gaps
  std::string_view sql;
};

std::span<const Migration> migrations();

// FNV-1a (64 bits, hex) of the SQL. Notices edits, not attackers: whoever can change the store can
// change this too, and is noticed by the audit log's checkpoints instead.
std::string checksum_of(const Migration& migration);

}  // namespace tsp::store
