// Windows in which a machine may sign with a legal person's key.
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct SealWindowRow {
  Bytes id;  // 16 octets
  std::string user, key;
  Time not_before{}, not_after{};  // from, until: the second is outside
  std::int64_t allowed = 0, used = 0;
  std::int64_t operators = 1;  // how many must approve
  std::string approved_by;     // their names, in the order of their coming, a line feed between
  Bytes credential_mac;        // of the machine's secret, 32 octets; empty: closed
  Time opened_at{};
  Time last_used_at{};  // never goes back
  Bytes mac;            // over all but use, keyed in the HSM
  friend bool operator==(const SealWindowRow&, const SealWindowRow&) = default;
};
void insert_seal_window(Transaction&, const SealWindowRow&);
std::optional<SealWindowRow> find_seal_window(Database&, ByteView id);
// Of one user, or of all where `user` is empty; the latest first.
std::vector<SealWindowRow> seal_windows_of(Database&, std::string_view user);
// Writes approvals, credential and MAC. Error{not_found}.
void update_seal_window(Transaction&, const SealWindowRow&);
// Takes `count` of what is allowed, at `now`. False, and nothing taken, where it is closed or not
// so much is left.
bool use_seal_window(Transaction&, ByteView id, std::int64_t count, Time now);

}  // namespace tsp::store
