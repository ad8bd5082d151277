// The audit log: every state change and every refusal where a signer, key or role is named. Records
// are hash-chained and leaves of an RFC 6962 tree; docs/formats/audit-record.md.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "audit/record.h"
#include "audit/tree.h"
#include "store/database.h"

namespace tsp::audit {

// Appends inside the caller's transaction and returns the record's number. O(log n): the tree's
// frontier is kept in the store, and read inside the transaction, so processes may append at once.
// Time never steps back unnoticed: a clock behind the last record is recorded as it is, with
// details.clock = "stepped-back" (a member of that name is replaced). Error{failed} when a member
// name of the details looks like a secret's; Error{tampered} when the end of the log does not fit
// its frontier: nothing is appended to a log that was cut.
//
// Promise 3: an event "sign" with Outcome::intent carries {intent: true, key, dtbs_sha256, …}; its
// result (done, failed, refused) {intent: SEQ, dtbs_sha256, …}, and where done signature_sha256.
// Digests are 64 lower-case hex digits. verify() holds the log to this. Other events may tie intent
// and result in the same way.
std::int64_t append(store::Transaction& transaction, Time now, const Event& event);
// The same for several, one behind the other: the end of the log is read and written once. Returns
// the number of the first; the size of the log where there is none.
std::int64_t append_all(store::Transaction& transaction, Time now, std::span<const Event> events);

// Error{tampered} for a record that is not canonical.
std::optional<Record> find(store::Database& database, std::int64_t seq);
// In order; `each` returns false to stop.
void each(store::Database& database, std::int64_t from,
          const std::function<bool(const Record&)>& each);
std::int64_t size(store::Database& database);
// The tree over all records as the store keeps it; Error{tampered} when it is not of the log's
// size. Does NOT read the records: see verify().
Frontier frontier(store::Database& database);
Bytes root_hash(store::Database& database);  // of the frontier: the RFC 6962 tree head
// The tree head over the records [begin, end), read from the store.
Bytes range_root(store::Database& database, std::uint64_t begin, std::uint64_t end);

}  // namespace tsp::audit
