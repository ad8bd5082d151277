// OpenSSL's own signing functions reach a key in the HSM through the in-process provider
// (crypto::evp_key_of); plain OpenSSL verifies with the public key.
#include "hsm/hsm.h"
#include "support/softhsm_fixture.h"
#include "unit/crypto/signing.h"

using namespace tsp;
using namespace tsp::test;

TEST_CASE("X509_sign_ctx signs with a key that stays in the HSM") {
  SoftHsm hsm;
  const auto session = hsm.session();
  const auto signer = session->generate_one_time(crypto::KeyAlgorithm::ecdsa_p256);
  const X509Ptr certificate = certificate_of(*signer);
  CHECK(X509_verify(certificate.get(), X509_get0_pubkey(certificate.get())) == 1);
}

TEST_CASE("X509_sign_ctx signs with an RSA key in the HSM, PKCS#1 and PSS") {
  SoftHsm hsm;
  const auto session = hsm.session();
  const auto signer = session->generate_one_time(crypto::KeyAlgorithm::rsa_3072);
  for (const Padding padding : {Padding::pkcs1, Padding::pss}) {
    const X509Ptr certificate = certificate_of(*signer, padding);
    CHECK(X509_verify(certificate.get(), X509_get0_pubkey(certificate.get())) == 1);
  }
}

TEST_CASE("an HSM that is gone is told as such through OpenSSL's functions") {
  SoftHsm hsm;
  const auto session = hsm.session();
  const auto signer = session->generate_one_time(crypto::KeyAlgorithm::ecdsa_p256);
  struct Gone final : crypto::Signer {
    explicit Gone(crypto::Signer& inner_) : inner(inner_) {}
    const crypto::PublicKey& public_key() const override { return inner.public_key(); }
    Bytes sign(crypto::Scheme, crypto::HashAlgorithm, ByteView) override {
      throw Error(Fault::hsm_unavailable, "the HSM is gone");
    }
    crypto::Signer& inner;
  } gone{*signer};
  const EvpPkeyPtr key = crypto::evp_key_of(gone);
  const X509Ptr certificate(X509_new());
  X509_set_pubkey(certificate.get(), gone.public_key().get());
  CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) <= 0);
  try {
    crypto::rethrow_signer_error();
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.fault == Fault::hsm_unavailable);
  }
  ERR_clear_error();
}
