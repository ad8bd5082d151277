// Keys in memory: what a signer's own device holds, and what answers are sealed to. Never a key of
// the TSP and never a signer's signing key: those live in the HSM.
#pragma once

#include <optional>

#include "base/secret.h"
#include "crypto/signer.h"

namespace tsp::crypto {

// A signing key in memory: ECDSA P-256 or Ed25519. Error{policy_refused} for other algorithms.
class SoftwareKey final : public Signer {
 public:
  static SoftwareKey generate(KeyAlgorithm algorithm);
  // What private_octets() gave. Error{bad_input} for other octets.
  static SoftwareKey from_private(KeyAlgorithm algorithm, const Secret& octets);
  Secret private_octets() const;  // 32: the scalar, big-endian, or the Ed25519 seed
  const PublicKey& public_key() const override { return public_key_; }
  // Only by the key's own scheme: Error{failed} for another, or a digest of another length.
  Bytes sign(Scheme scheme, HashAlgorithm hash, ByteView digest) override;

 private:
  SoftwareKey(EvpPkeyPtr key, PublicKey public_key);
  EvpPkeyPtr key_;
  PublicKey public_key_;
};

inline constexpr std::size_t kPointSize = 65;       // octets, uncompressed
inline constexpr std::size_t kSealedToOthers = 93;  // octets that seal_to() adds

// A P-256 key for agreement (SP 800-56A, cofactor 1).
class ExchangeKey {
 public:
  static ExchangeKey generate();
  static ExchangeKey from_private(const Secret& octets);  // Error{bad_input}
  Secret private_octets() const;                          // 32, big-endian
  const Bytes& point() const { return point_; }           // kPointSize

  // What seal_to(point()) sealed. Nothing when key, associated data or octets do not belong
  // together, and for a point that is not on the curve.
  std::optional<Secret> open(ByteView sealed, ByteView associated) const;

 private:
  explicit ExchangeKey(EvpPkeyPtr key);
  EvpPkeyPtr key_;
  Bytes point_;
};

// Seals to the holder of a point: ephemeral point (65) ‖ AES-256-GCM under HKDF-SHA-256(Z, salt =
// ephemeral point ‖ recipient point, info = "tsp sealed to 1"), as symmetric.h's seal() writes it.
// Error{bad_input} for a point that is not an uncompressed one of P-256.
Bytes seal_to(ByteView point, ByteView plain, ByteView associated);
// An uncompressed point of P-256, on the curve and not at infinity.
bool is_point(ByteView octets);

}  // namespace tsp::crypto
