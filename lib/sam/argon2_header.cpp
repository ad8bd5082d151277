#include "sam/argon2_header.h"

#include "base/error.h"

namespace tsp::sam {
namespace {

constexpr std::uint8_t kHeaderVersion = 1;
// What a header may ask of this machine; more is damage, not strength.
constexpr crypto::Argon2 kMostArgon2{4u << 20, 64, 16};

}  // namespace

Bytes make_cost_header(const crypto::Argon2& cost, ByteView salt) {
  Bytes out{kHeaderVersion};
  append_u32(out, cost.memory_kib);
  append_u32(out, cost.passes);
  append_u32(out, cost.lanes);
  append(out, salt);
  return out;
}

std::optional<CostHeader> read_cost_header(ByteView octets) {
  if (octets.size() < kCostHeaderSize) return std::nullopt;
  ByteReader reader(octets.first(kCostHeaderSize));
  const auto version = reader.u8();
  const auto memory = reader.u32(), passes = reader.u32(), lanes = reader.u32();
  const auto salt = reader.take(kSaltSize);
  if (!reader.done() || version != kHeaderVersion) return std::nullopt;
  const crypto::Argon2 cost{*memory, *passes, *lanes};
  if (cost.lanes < 1 || cost.lanes > kMostArgon2.lanes || cost.passes < 1 ||
      cost.passes > kMostArgon2.passes || cost.memory_kib < 8 * cost.lanes ||
      cost.memory_kib > kMostArgon2.memory_kib)
    return std::nullopt;
  return CostHeader{cost, *salt, octets.subspan(kCostHeaderSize)};
}

void refuse_weak_cost(const crypto::Argon2& cost) {
  if (cost.memory_kib < crypto::kLeastArgon2.memory_kib ||
      cost.passes < crypto::kLeastArgon2.passes || cost.lanes < crypto::kLeastArgon2.lanes)
    throw Error(Fault::policy_refused, "a PIN cannot be kept",
                "Argon2id weaker than 64 MiB in one pass is refused",
                "raise the cost; nothing was changed");
}

}  // namespace tsp::sam
