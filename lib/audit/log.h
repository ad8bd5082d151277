// The audit log: every state change and every refusal where a signer, key or role is named. Records
// are hash-chained and leaves of an RFC 6962 tree; docs/formats/audit-record.md.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "store/database.h"

namespace tsp::audit {

enum class Outcome { intent, done, refused, failed };

// Who did what to whom, and how it ended. `details` holds names, numbers and digests; never a
// secret: append() refuses member names of a fixed list (pin, otp, secret, seed, sad, password, …).
struct Event {
  std::string event;  // "user.enroll", "sign", "cert.issue", … lower case, dotted
  Outcome outcome = Outcome::done;
  std::string actor;    // who asked: "uid:1000", "signer:alice", "system"
  std::string role;     // administrator, officer, operator, auditor, signer, system
  std::string subject;  // user, key or serial that it is about; may be empty
  Json details = Json::object();
};

struct Record {
  std::int64_t seq = 0;
  Time time{};
  Event event;
  Bytes chain;  // chain value after this record
};

// Appends inside the caller's transaction and returns the record's number. Time never steps back in
// the log: a clock behind the last record is recorded as it is, with details.clock =
// "stepped-back". O(log n): the tree's frontier is kept in the store.
std::int64_t append(store::Transaction& transaction, Time now, const Event& event);

std::optional<Record> find(store::Database& database, std::int64_t seq);
// In order; `each` returns false to stop.
void each(store::Database& database, std::int64_t from,
          const std::function<bool(const Record&)>& each);
std::int64_t size(store::Database& database);
Bytes root_hash(
    store::Database& database);  // RFC 6962 tree head over all records, from the frontier

// Canonical octets of a record and back (docs/formats/audit-record.md). Decoding is strict.
Bytes encode(std::int64_t seq, Time time, const Event& event);
Record decode(ByteView octets);  // Error{bad_input}; `chain` stays empty

}  // namespace tsp::audit
