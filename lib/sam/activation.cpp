#include "sam/activation.h"

#include "sam/seal.h"

namespace tsp::sam {
namespace {

constexpr const char* kNotSigned = "this document was not signed";

Bytes sign_and_verify(crypto::Signer& key, const crypto::PublicKey& public_key,
                      const Activation& activation, const Bytes& dtbs) {
  const crypto::Scheme scheme = activation.prepared().scheme;
  Bytes value = key.sign(scheme, activation.hash(), dtbs);
  if (public_key.verify(scheme, activation.hash(), dtbs, value)) return value;
  wipe(value);
  throw Error(Fault::hsm_unavailable, "the HSM's signature is wrong",
              "it does not verify with the certificate's public key", kNotSigned);
}

// The exception being handled, as an Error.
Error current_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return {Fault::failed, "signing failed", error.what(), kNotSigned};
  } catch (...) {
    return {Fault::interrupted, "signing was interrupted", "", kNotSigned};
  }
}

}  // namespace

std::unique_ptr<crypto::Signer> Activation::take_key(hsm::Session& hsm) {
  if (made_) return std::move(made_);
  const store::KeyRow& row = prepared_.key;
  const crypto::PublicKey public_key = prepared_.certificate.public_key();
  if (row.scal != 2)
    return hsm.unwrap({row.spki, row.blob, row.mechanism, row.wrapping_key}, public_key);
  auto blob = open_seal(seal_key_, row.id, row.blob);
  if (!blob)
    throw Error(Fault::tampered, "the key " + row.id + " is refused",
                "its seal is not the one that was approved", kNotSigned);
  return hsm.unwrap({row.spki, std::move(*blob), row.mechanism, row.wrapping_key}, public_key);
}

std::vector<Signature> use_key(hsm::Session& hsm, Activation activation,
                               const std::function<void(std::size_t)>& progress) {
  const Prepared& prepared = activation.prepared();
  std::vector<Signature> out;
  out.reserve(prepared.dtbs.size());
  for (const Bytes& dtbs : prepared.dtbs) out.push_back({{}, dtbs, 0, std::nullopt});
  std::size_t done = 0;
  try {
    const crypto::PublicKey public_key = prepared.certificate.public_key();
    const auto key = activation.take_key(hsm);
    while (done < out.size()) {
      Signature& signature = out[done];
      try {
        signature.value = sign_and_verify(*key, public_key, activation, signature.dtbs);
      } catch (...) {
        signature.error = current_error();
      }
      ++done;
      if (progress) progress(done);
    }
  } catch (...) {  // no key, or the caller has enough: the rest is not signed
    for (; done < out.size(); ++done) out[done].error = current_error();
  }
  return out;
}

}  // namespace tsp::sam
