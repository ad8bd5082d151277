// The audit log's own rows; only the room `audit` uses these.
#pragma once

#include <functional>

#include "store/database.h"

namespace tsp::store {

struct AuditRow {
  std::int64_t seq = 0;  // from 0, contiguous
  Bytes record;          // canonical octets
  Bytes chain;           // 32 octets
};
void insert_audit(Transaction&, const AuditRow&);
std::int64_t audit_size(Database&);  // the highest number and one
std::optional<AuditRow> find_audit(Database&, std::int64_t seq);
std::optional<AuditRow> last_audit(Database&);
// In order of seq, as the rows are: gaps are not judged here. `each` returns false to stop.
void each_audit(Database&, std::int64_t from, const std::function<bool(const AuditRow&)>& each);
std::optional<Bytes> audit_frontier(Database&);  // hashes of the full subtrees, largest first
void set_audit_frontier(Transaction&, ByteView frontier);

struct CheckpointRow {
  std::int64_t size = 0;
  std::string note;
  Bytes frontier;  // of the tree of that size, so that the next checkpoint can be held against it
  Time created_at{};
};
void put_checkpoint(Transaction&, const CheckpointRow&);  // replaces one of the same size
std::optional<CheckpointRow> last_checkpoint(Database&);
void each_checkpoint(Database&, const std::function<void(const CheckpointRow&)>& each);  // by size

}  // namespace tsp::store
