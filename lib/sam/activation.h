// The permit to use a signer's key. Only SignatureActivationModule makes one, after everything that
// promise 3 asks for is durable; without one nothing in this program signs with a signer's key.
// Grep for the name to audit it.
#pragma once

#include "sam/context.h"

namespace tsp::sam {

class Activation {
 public:
  Activation(Activation&&) = default;

  const Prepared& prepared() const { return prepared_; }
  crypto::HashAlgorithm hash() const { return hash_; }
  // The key, once: unwrapped by the HSM, of a SCAL 2 key what its seal held; or the one that was
  // made for this. Whoever lets go of it destroys it. Error{tampered} where the seal does not open.
  std::unique_ptr<crypto::Signer> take_key(hsm::Session& hsm);

 private:
  friend class SignatureActivationModule;
  // Prepared and seal key must outlive it.
  Activation(const Prepared& prepared, crypto::HashAlgorithm hash, const Secret& seal_key,
             std::unique_ptr<crypto::Signer> made)
      : prepared_(prepared), hash_(hash), seal_key_(seal_key), made_(std::move(made)) {}
  const Prepared& prepared_;
  crypto::HashAlgorithm hash_;
  const Secret& seal_key_;
  std::unique_ptr<crypto::Signer> made_;
};

// Takes the key once, signs each DTBS/R of the activation and nothing else, verifies each value in
// software with the public key of the certificate, and destroys the key in the HSM's session. Never
// throws: what fails stands in the signature's `error`, and its value is empty.
std::vector<Signature> use_key(hsm::Session& hsm, Activation activation,
                               const std::function<void(std::size_t)>& progress);

}  // namespace tsp::sam
