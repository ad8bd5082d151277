// How the key made by evp_key_of() behaves towards OpenSSL, and what it refuses.
#include <stdexcept>
#include <thread>

#include "signing.h"

using namespace tsp;
using namespace tsp::crypto;
using namespace tsp::test;
TEST_CASE("the key belongs to its certificate and to no other, before and after signing") {
  const bool rsa = GENERATE(true, false);
  Signer& signer = shared_signer(rsa ? KeyAlgorithm::rsa_3072 : KeyAlgorithm::ecdsa_p256);
  SoftwareSigner stranger(rsa ? generate_rsa(1024) : generate_ec("P-256"));
  const X509Ptr certificate = certificate_of(signer);
  const EvpPkeyPtr key = evp_key_of(signer), again = evp_key_of(signer);
  CHECK(X509_check_private_key(certificate.get(), key.get()) == 1);
  const X509Ptr copy(X509_dup(certificate.get()));
  CHECK(X509_sign(copy.get(), key.get(), EVP_sha256()) > 0);
  CHECK(X509_check_private_key(certificate.get(), key.get()) == 1);
  CHECK(EVP_PKEY_eq(key.get(), again.get()) == 1);
  CHECK(EVP_PKEY_eq(signer.public_key().get(), key.get()) == 1);
  CHECK(EVP_PKEY_eq(key.get(), signer.public_key().get()) == 1);
  CHECK(EVP_PKEY_eq(key.get(), stranger.public_key().get()) != 1);
  CHECK(EVP_PKEY_eq(key.get(), evp_key_of(stranger).get()) != 1);
  CHECK(EVP_PKEY_eq(key.get(), shared_signer(KeyAlgorithm::ecdsa_p384).key()) != 1);
  CHECK(X509_check_private_key(certificate.get(), evp_key_of(stranger).get()) != 1);
  ERR_clear_error();
}

TEST_CASE("the key answers for its public half and gives nothing private away") {
  Signer& signer = shared_signer(GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072));
  const EvpPkeyPtr key = evp_key_of(signer);
  CHECK(PublicKey::of(key.get()).spki() == signer.public_key().spki());
  CHECK(EVP_PKEY_get_bits(key.get()) == signer.public_key().bits());
  CHECK(EVP_PKEY_get_size(key.get()) == EVP_PKEY_get_size(signer.public_key().get()));
  CHECK(EVP_PKEY_get_id(key.get()) == EVP_PKEY_get_id(signer.public_key().get()));
  OSSL_PARAM* values = nullptr;
  CHECK(EVP_PKEY_todata(key.get(), EVP_PKEY_KEYPAIR, &values) != 1);
  CHECK(EVP_PKEY_todata(key.get(), EVP_PKEY_PUBLIC_KEY, &values) == 1);
  OSSL_PARAM_free(values);
  const BioPtr out(BIO_new(BIO_s_mem()));
  CHECK(i2d_PrivateKey_bio(out.get(), key.get()) != 1);
  ERR_clear_error();
}

TEST_CASE("a certificate request takes the key as its own") {
  Signer& signer = shared_signer(GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072));
  const EvpPkeyPtr key = evp_key_of(signer);
  const std::unique_ptr<X509_REQ, Release<&X509_REQ_free>> request(X509_REQ_new());
  REQUIRE(X509_REQ_set_version(request.get(), 0) == 1);
  REQUIRE(X509_REQ_set_pubkey(request.get(), key.get()) == 1);
  REQUIRE(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0);
  CHECK(X509_REQ_verify(request.get(), signer.public_key().get()) == 1);
}

TEST_CASE("keys of the default provider still sign by themselves beside ours") {
  auto& signer = shared_signer(KeyAlgorithm::ecdsa_p256);
  const EvpPkeyPtr ours = evp_key_of(signer);
  const int asked = signer.asked;
  const X509Ptr certificate(X509_new());
  X509_set_pubkey(certificate.get(), signer.key());
  CHECK(X509_sign(certificate.get(), signer.key(), EVP_sha256()) > 0);
  CHECK(signer.asked == asked);
}

TEST_CASE("what the Signer throws comes back, once, and OpenSSL only sees a failure") {
  SoftwareSigner signer(KeyAlgorithm::ecdsa_p256);
  signer.before = [] { throw Error(Fault::hsm_unavailable, "the HSM is gone"); };
  const EvpPkeyPtr key = evp_key_of(signer);
  const X509Ptr certificate(X509_new());
  X509_set_pubkey(certificate.get(), signer.public_key().get());
  CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) <= 0);
  CHECK_THROWS_WITH(rethrow_signer_error(), ContainsSubstring("the HSM is gone"));
  CHECK_NOTHROW(rethrow_signer_error());
  ERR_clear_error();
}

TEST_CASE("a signer's error stays on its thread and a success forgets it") {
  SoftwareSigner signer(KeyAlgorithm::ecdsa_p256);
  signer.before = [] { throw std::runtime_error("not an Error of ours"); };
  const EvpPkeyPtr key = evp_key_of(signer);
  const X509Ptr certificate(X509_new());
  X509_set_pubkey(certificate.get(), signer.public_key().get());
  CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) <= 0);
  std::thread([] { CHECK_NOTHROW(rethrow_signer_error()); }).join();
  signer.before = nullptr;
  CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  CHECK_NOTHROW(rethrow_signer_error());
  ERR_clear_error();
}

TEST_CASE("PSS with another salt or mask than the hash's is refused, not silently changed") {
  Signer& signer = shared_signer(KeyAlgorithm::rsa_3072);
  const EvpPkeyPtr key = evp_key_of(signer);
  EVP_PKEY_CTX* parameters = nullptr;
  const MdPtr context(EVP_MD_CTX_new());
  REQUIRE(EVP_DigestSignInit(context.get(), &parameters, EVP_sha256(), nullptr, key.get()) == 1);
  REQUIRE(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1);
  const auto signs = [&] {
    Bytes out(512);
    std::size_t size = out.size();
    const MdPtr copy(EVP_MD_CTX_new());
    return EVP_MD_CTX_copy_ex(copy.get(), context.get()) == 1 &&
           EVP_DigestSignUpdate(copy.get(), "x", 1) == 1 &&
           EVP_DigestSignFinal(copy.get(), out.data(), &size) == 1;
  };
  CHECK(signs());
  CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32) == 1);
  CHECK(signs());
  CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 20) == 1);
  CHECK_FALSE(signs());
  CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_MAX) != 1);
  CHECK(EVP_PKEY_CTX_ctrl_str(parameters, "rsa_pss_saltlen", "digest") == 1);
  CHECK(signs());
  CHECK(EVP_PKEY_CTX_ctrl_str(parameters, "rsa_padding_mode", "none") != 1);
  CHECK(EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha1()) == 1);
  CHECK_FALSE(signs());
  ERR_clear_error();
}

TEST_CASE("a digest computed elsewhere is signed when its length fits the hash") {
  const auto algorithm = GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072);
  Signer& signer = shared_signer(algorithm);
  const EvpPkeyPtr key = evp_key_of(signer);
  const CtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  REQUIRE(EVP_PKEY_sign_init(context.get()) == 1);
  REQUIRE(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1);
  const Bytes digest = sha256(as_bytes("a document"));
  std::size_t size = 0;
  REQUIRE(EVP_PKEY_sign(context.get(), nullptr, &size, digest.data(), digest.size()) == 1);
  Bytes value(size);
  REQUIRE(EVP_PKEY_sign(context.get(), value.data(), &size, digest.data(), digest.size()) == 1);
  value.resize(size);
  const Scheme scheme = scheme_for(algorithm, Purpose::infrastructure);
  CHECK(signer.public_key().verify(scheme, HashAlgorithm::sha256, digest, value));
  CHECK(EVP_PKEY_sign(context.get(), value.data(), &size, digest.data(), 20) != 1);
  size = 10;
  CHECK(EVP_PKEY_sign(context.get(), value.data(), &size, digest.data(), digest.size()) != 1);
  ERR_clear_error();
}

TEST_CASE("keys that only sign PSS, or other things, are refused") {
  SoftwareSigner signer(EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448")));
  CHECK_THROWS_AS(evp_key_of(signer), Error);
}
