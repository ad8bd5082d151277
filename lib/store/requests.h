// Activation requests that wait for a signer's device or code.
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct RequestRow {
  Bytes id;  // 16 octets
  std::string user, key;
  Bytes request;     // what is answered (docs/formats/activation-request.md)
  Bytes manifest;    // what is shown
  Bytes code_mac;    // of the out-of-band code, 32 octets, keyed in the HSM; or empty
  Bytes answer_key;  // opens the answer, sealed by the HSM; empty: whoever waits holds it
  Bytes answer;      // empty: none yet
  Time expires_at{};
};
void insert_request(Transaction&, const RequestRow&);
std::optional<RequestRow> find_request(Database&, ByteView id);
std::vector<RequestRow> requests_of(Database&, std::string_view user);  // soonest end first
// False when the request is gone or answered already.
bool answer_request(Transaction&, ByteView id, ByteView answer);
// False when it is gone: somebody used it.
bool delete_request(Transaction&, ByteView id);
std::int64_t delete_requests_of(Transaction&, std::string_view user);
std::int64_t delete_expired_requests(Transaction&, Time now);  // expires_at <= now

}  // namespace tsp::store
