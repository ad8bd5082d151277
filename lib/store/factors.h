// What a signer knows or has.
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct FactorRow {
  std::int64_t id = 0;  // assigned by insert, never used again
  std::string user;
  std::string type;  // pin, totp, …
  Bytes data;        // pin: verifier with its parameters; totp: sealed seed (docs/formats)
  std::int64_t last_step = 0;  // totp: last accepted step; hotp: counter
  Time created_at{};
};
std::int64_t insert_factor(Transaction&, const FactorRow&);
std::vector<FactorRow> factors_of(Database&, std::string_view user);  // oldest first
void set_factor_data(Transaction&, std::int64_t id, ByteView data);
// Moves last_step forward; false when `step` is not greater than what is stored (somebody used it).
bool advance_factor(Transaction&, std::int64_t id, std::int64_t step);
void delete_factor(Transaction&, std::int64_t id);

}  // namespace tsp::store
