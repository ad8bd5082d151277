#include "support/software_signer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <map>
#include <memory>

#include "base/error.h"
#include "crypto/digest.h"
#include "support/openssl.h"

namespace tsp::test {
namespace {

using namespace crypto;
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Release<&EVP_PKEY_CTX_free>>;

EvpPkeyPtr generate(KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::ecdsa_p256:
      return generate_ec("P-256");
    case KeyAlgorithm::ecdsa_p384:
      return generate_ec("P-384");
    case KeyAlgorithm::ecdsa_p521:
      return generate_ec("P-521");
    case KeyAlgorithm::rsa_3072:
      return generate_rsa(3072);
    case KeyAlgorithm::rsa_4096:
      return generate_rsa(4096);
    case KeyAlgorithm::ed25519:
      return EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
  throw Error(Fault::failed, "no such key algorithm");
}

Bytes sign_message(EVP_PKEY* key, ByteView message) {
  const std::unique_ptr<EVP_MD_CTX, Release<&EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  Bytes out(64);
  std::size_t size = out.size();
  test::expect(
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
          EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1,
      "Ed25519 failed");
  out.resize(size);
  return out;
}

}  // namespace

EvpPkeyPtr generate_rsa(unsigned bits, unsigned exponent) {
  std::size_t size = bits;
  unsigned e = exponent;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_RSA_BITS, &size),
                                   OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &e),
                                   OSSL_PARAM_construct_end()};
  const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  test::expect(EVP_PKEY_keygen_init(context.get()) == 1 &&
                   EVP_PKEY_CTX_set_params(context.get(), parameters) == 1 &&
                   EVP_PKEY_generate(context.get(), &key) == 1,
               "RSA generation failed");
  return EvpPkeyPtr(key);
}

EvpPkeyPtr generate_ec(const char* curve) {
  EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
  test::expect(key != nullptr, "EC generation failed");
  return key;
}

SoftwareSigner::SoftwareSigner(KeyAlgorithm algorithm) : SoftwareSigner(generate(algorithm)) {}

SoftwareSigner::SoftwareSigner(EvpPkeyPtr key)
    : key_(std::move(key)), public_key_(PublicKey::of(key_.get())) {}

Bytes SoftwareSigner::sign(Scheme scheme, HashAlgorithm hash, ByteView digest) {
  ++asked;
  if (before) before();
  if (scheme == Scheme::ed25519) return sign_message(key_.get(), digest);
  test::expect(digest.size() == size_of(hash), "the digest has the wrong size");
  const ContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  test::expect(EVP_PKEY_sign_init(context.get()) == 1, "sign_init failed");
  if (scheme != Scheme::ecdsa)
    test::expect(EVP_PKEY_CTX_set_rsa_padding(context.get(), scheme == Scheme::rsa_pss
                                                                 ? RSA_PKCS1_PSS_PADDING
                                                                 : RSA_PKCS1_PADDING) == 1,
                 "padding refused");
  test::expect(EVP_PKEY_CTX_set_signature_md(context.get(), md_of(hash)) == 1, "hash refused");
  if (scheme == Scheme::rsa_pss)
    test::expect(EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) == 1,
                 "salt refused");
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
  std::size_t size = out.size();
  test::expect(EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) == 1,
               "signing failed");
  out.resize(size);
  return out;
}

SoftwareSigner& shared_signer(KeyAlgorithm algorithm) {
  static std::map<KeyAlgorithm, std::unique_ptr<SoftwareSigner>> signers;
  auto& slot = signers[algorithm];
  if (!slot) slot = std::make_unique<SoftwareSigner>(algorithm);
  return *slot;
}

}  // namespace tsp::test
