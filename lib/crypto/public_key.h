// Public keys: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) in, verdicts out.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>

#include "base/release.h"
#include "crypto/algorithms.h"

namespace tsp::crypto {

using EvpPkeyPtr = std::unique_ptr<EVP_PKEY, Release<&EVP_PKEY_free>>;

// A value; copies share the parsed key. Always parsed by the default provider.
class PublicKey {
 public:
  // Throws Error{bad_input} where the DER is no public key that OpenSSL knows. Does NOT judge its
  // strength: see find_weakness().
  static PublicKey from_spki(ByteView der);
  static PublicKey of(EVP_PKEY* key);

  const Bytes& spki() const { return spki_; }
  Bytes sha256() const;  // of the SubjectPublicKeyInfo DER
  EVP_PKEY* get() const { return key_.get(); }
  // One of the algorithms that new keys may have; nothing for others (RSA-2048, brainpool, …),
  // which may still be verified with.
  std::optional<KeyAlgorithm> algorithm() const;
  bool is_rsa() const;
  int bits() const;                 // RSA modulus or curve size
  std::string description() const;  // "RSA-2048", "ECDSA P-256", for people

  // True when `signature` is a signature of `digest`. ECDSA values are DER, RSA values as long as
  // the modulus. For Ed25519 `digest` is the whole message and `hash` is ignored. Never throws for
  // a malformed signature.
  bool verify(Scheme scheme, HashAlgorithm hash, ByteView digest, ByteView signature) const;

 private:
  PublicKey(std::shared_ptr<EVP_PKEY> key, Bytes spki)
      : key_(std::move(key)), spki_(std::move(spki)) {}
  std::shared_ptr<EVP_PKEY> key_;
  Bytes spki_;
};

// Whether a verification with the key takes about as long as with any other, whoever made it: RSA
// of no more than 8192 bits and with an exponent below 2^32. Nothing is verified with others.
bool is_tractable(const EVP_PKEY* key);

// Why this key must not be certified, or nothing: not one of KeyAlgorithm, RSA modulus under 3000
// bits, even or with a small factor, exponent not odd in 2^16 < e < 2^256, the ROCA fingerprint,
// factors too close to each other, a point that is not on its curve, an Ed25519 point of small
// order. Does NOT compare with known leaked keys.
std::optional<std::string> find_weakness(const PublicKey& key);

}  // namespace tsp::crypto
