// How Argon2id parameters and salt stand before what they protect: PIN verifiers and seals. For
// this room alone.
#pragma once

#include <optional>

#include "crypto/symmetric.h"

namespace tsp::sam {

inline constexpr std::size_t kSaltSize = 16;                           // octets
inline constexpr std::size_t kCostHeaderSize = 1 + 3 * 4 + kSaltSize;  // version, cost, salt

struct CostHeader {
  crypto::Argon2 cost;
  ByteView salt;  // into the octets read
  ByteView rest;  // what follows
};

Bytes make_cost_header(const crypto::Argon2& cost, ByteView salt);
// Nothing where the octets do not begin with one, or ask for more than this machine would give.
std::optional<CostHeader> read_cost_header(ByteView octets);
// Error{policy_refused} under crypto::kLeastArgon2.
void refuse_weak_cost(const crypto::Argon2& cost);

}  // namespace tsp::sam
