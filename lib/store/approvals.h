// Signature activation data that was given and not used up.
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct ApprovalRow {
  Bytes id;  // H(s), 32 octets
  std::string user, key;
  Bytes manifest_sha256;
  std::int64_t count = 0;  // signatures allowed
  Time expires_at{};
  Bytes sealed;    // the key's seal, sealed under s; SCAL 1: empty
  Bytes mac;       // over all of this, keyed in the HSM
  Bytes window{};  // of a machine's approval: its seal window; else empty
  friend bool operator==(const ApprovalRow&, const ApprovalRow&) = default;
};
// The same hash may stand several times in `hashes`: it can then be consumed as often.
void insert_approval(Transaction&, const ApprovalRow&, const std::vector<Bytes>& hashes);
std::optional<ApprovalRow> find_approval(Database&, ByteView id);
// Marks one hash consumed; false when it is not in the approval or was consumed before.
bool consume_hash(Transaction&, ByteView id, ByteView hash);
// The hashes, as they were inserted.
std::vector<Bytes> hashes_of_approval(Database&, ByteView id);
std::int64_t unconsumed(Database&, ByteView id);
void delete_approval(Transaction&, ByteView id);  // with its hashes
std::int64_t delete_approvals_of(Transaction&, std::string_view user);
std::int64_t delete_expired_approvals(Transaction&, Time now);  // expires_at <= now

}  // namespace tsp::store
