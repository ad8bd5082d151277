// Answers that their callers fetch later (CSC 11.12), and those that are still worked on.
#pragma once

#include "store/database.h"

namespace tsp::store {

struct ResponseRow {
  Bytes id;             // 32 octets; a digest of the name by which it is fetched
  std::string caller;   // who alone may fetch it
  std::string user;     // the signer
  std::int64_t status;  // of HTTP; 0: not there yet
  Bytes body;
  Time due_at{};  // an answer that is not there then does not come any more
  Time expires_at{};
};
void insert_response(Transaction&, const ResponseRow&);
std::optional<ResponseRow> find_response(Database&, ByteView id);
// False when it is gone or there already.
bool complete_response(Transaction&, ByteView id, std::int64_t status, ByteView body);
// What is kept for one caller, and for all.
struct ResponseTotals {
  std::int64_t of_caller = 0, octets_of_caller = 0, of_all = 0;
};
ResponseTotals count_responses(Database&, std::string_view caller);
std::int64_t delete_expired_responses(Transaction&, Time now);  // expires_at <= now

}  // namespace tsp::store
