// A crypto::Signer whose key lives in this process: what an HSM key is in production. Only for
// tests.
#pragma once

#include <functional>

#include "crypto/signer.h"

namespace tsp::test {

class SoftwareSigner final : public crypto::Signer {
 public:
  // Generates; RSA takes about half a second, see shared_signer().
  explicit SoftwareSigner(crypto::KeyAlgorithm algorithm);
  // Takes a key over.
  explicit SoftwareSigner(crypto::EvpPkeyPtr key);

  const crypto::PublicKey& public_key() const override { return public_key_; }
  Bytes sign(crypto::Scheme scheme, crypto::HashAlgorithm hash, ByteView digest) override;

  // The key itself, of the default provider.
  EVP_PKEY* key() const { return key_.get(); }
  // How many signatures were asked for.
  int asked = 0;
  // Called before each signature where set; what it throws, sign() throws.
  std::function<void()> before;

 private:
  crypto::EvpPkeyPtr key_;
  crypto::PublicKey public_key_;
};

// Any key, also such that the product would refuse.
crypto::EvpPkeyPtr generate_rsa(unsigned bits, unsigned exponent = 65537);
crypto::EvpPkeyPtr generate_ec(const char* curve);

// One key an algorithm, made once a process: for tests that need some key. Leave `before` unset.
SoftwareSigner& shared_signer(crypto::KeyAlgorithm algorithm);

}  // namespace tsp::test
