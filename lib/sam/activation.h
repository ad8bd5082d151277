// The permit to use a signer's key. Only SignatureActivationModule makes one, after everything that
// promise 3 asks for is durable; without one nothing in this program signs with a signer's key.
// Grep for the name to audit it.
#pragma once

#include "sam/context.h"

namespace tsp::sam {

class Activation {
 public:
  Activation(const Activation&) = delete;
  Activation& operator=(const Activation&) = delete;

  const Prepared& prepared() const { return prepared_; }
  crypto::HashAlgorithm hash() const { return hash_; }
  // The wrapped key, as the HSM takes it: of a SCAL 2 key what its seal held.
  // Error{tampered} where the seal does not open.
  hsm::WrappedKey wrapped_key() const;

 private:
  friend class SignatureActivationModule;
  // Both must outlive it.
  Activation(const Prepared& prepared, crypto::HashAlgorithm hash, const Secret& seal_key)
      : prepared_(prepared), hash_(hash), seal_key_(seal_key) {}
  const Prepared& prepared_;
  crypto::HashAlgorithm hash_;
  const Secret& seal_key_;
};

// Unwraps the key once, signs each DTBS/R of the activation and nothing else, verifies each value
// in software with the public key of the certificate, and destroys the unwrapped key. Never throws:
// what fails stands in the signature's `error`, and its value is empty.
std::vector<Signature> use_key(hsm::Session& hsm, const Activation& activation,
                               const std::function<void(std::size_t)>& progress);

}  // namespace tsp::sam
