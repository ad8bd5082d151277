// Symmetric primitives. Keys are Secrets; associated data and nonces are plain.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/secret.h"
#include "crypto/algorithms.h"

namespace tsp::crypto {

Bytes hmac(HashAlgorithm hash, ByteView key, ByteView data);
// RFC 5869.
Secret hkdf(HashAlgorithm hash, ByteView input, ByteView salt, ByteView info, std::size_t size);

// AES-256-GCM: nonce(12) ‖ ciphertext ‖ tag(16), the nonce drawn here. `key` has 32 octets.
Bytes seal(ByteView key, ByteView plain, ByteView associated);
// Nothing when key, associated data or ciphertext do not belong together.
std::optional<Secret> open(ByteView key, ByteView sealed, ByteView associated);

// Argon2id, RFC 9106. The product refuses to *store* parameters under kLeastArgon2; the function
// computes what it is asked, so that stored values stay checkable.
struct Argon2 {
  std::uint32_t memory_kib = 65536;
  std::uint32_t passes = 3;
  std::uint32_t lanes = 1;
  friend bool operator==(const Argon2&, const Argon2&) = default;
};
inline constexpr Argon2 kLeastArgon2{65536, 1, 1};
Secret argon2id(ByteView password, ByteView salt, const Argon2& cost, std::size_t size = 32);

// The cost that takes about `target` on this machine, now: 64 MiB, one lane, and as many passes as
// fit, at least one and at most 16. Tries once or twice; on a busy machine it finds fewer passes.
Argon2 calibrate_argon2(std::chrono::milliseconds target);

}  // namespace tsp::crypto
