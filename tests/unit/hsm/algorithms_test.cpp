#include "hsm/algorithms.h"

#include "base/error.h"
#include "crypto/digest.h"
#include "support/catch.h"
#include "support/software_signer.h"

using namespace tsp;
using namespace tsp::hsm;
using crypto::HashAlgorithm;
using crypto::KeyAlgorithm;
using crypto::Scheme;

namespace {

// The generator of P-256, SEC 2 section 2.4.2.
const Bytes kPoint = *from_hex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");

}  // namespace

TEST_CASE("a point is taken as the OCTET STRING of the standard and bare") {
  const KeyKind& p256 = kind_of(KeyAlgorithm::ecdsa_p256);
  Bytes wrapped{0x04, 0x41};
  append(wrapped, kPoint);
  CHECK(ec_spki(p256, wrapped) == ec_spki(p256, kPoint));
  CHECK(crypto::PublicKey::from_spki(ec_spki(p256, wrapped)).algorithm() ==
        KeyAlgorithm::ecdsa_p256);
}

TEST_CASE("what is no point of the curve's size is refused") {
  const auto size = GENERATE(0, 1, 32, 64, 66, 97);
  Bytes point = kPoint;
  point.resize(static_cast<std::size_t>(size));
  CHECK_THROWS_AS(ec_spki(kind_of(KeyAlgorithm::ecdsa_p256), point), Error);
}

TEST_CASE("RSA keys are rsaEncryption with NULL, as OpenSSL writes them") {
  const auto& signer = test::shared_signer(KeyAlgorithm::rsa_3072);
  BIGNUM *n = nullptr, *e = nullptr;
  REQUIRE(EVP_PKEY_get_bn_param(signer.key(), "n", &n) == 1);
  REQUIRE(EVP_PKEY_get_bn_param(signer.key(), "e", &e) == 1);
  Bytes modulus(static_cast<std::size_t>(BN_num_bytes(n))),
      exponent(static_cast<std::size_t>(BN_num_bytes(e)));
  BN_bn2bin(n, modulus.data());
  BN_bn2bin(e, exponent.data());
  BN_free(n);
  BN_free(e);
  CHECK(rsa_spki(modulus, exponent) == signer.public_key().spki());
  modulus.insert(modulus.begin(), 0);  // some modules pad
  CHECK(rsa_spki(modulus, exponent) == signer.public_key().spki());
  CHECK(kind_from(CKK_RSA, {}, modulus)->algorithm == KeyAlgorithm::rsa_3072);
}

TEST_CASE("keys of other sizes and curves are not ours") {
  CHECK_FALSE(kind_from(CKK_RSA, {}, Bytes(256, 0xff)));
  CHECK_FALSE(kind_from(CKK_RSA, {}, {}));
  CHECK_FALSE(kind_from(CKK_RSA, {}, Bytes(384)));
  CHECK_FALSE(kind_from(CKK_EC, from_hex("06052b8104000a"), {}));  // secp256k1
  CHECK_FALSE(kind_from(CKK_EC, {}, {}));
  CHECK_FALSE(kind_from(CKK_AES, {}, {}));
}

TEST_CASE("Edwards keys are known by OID and by name") {
  CHECK(kind_from(CKK_EC_EDWARDS, from_hex("06032b6570"), {})->algorithm == KeyAlgorithm::ed25519);
  Bytes named{0x13, 12};
  append(named, as_bytes("edwards25519"));
  CHECK(kind_from(CKK_EC_EDWARDS, named, {})->algorithm == KeyAlgorithm::ed25519);
}

TEST_CASE("PKCS#1 digests are wrapped with NULL parameters, RFC 8017 section 9.2") {
  const Bytes digest = crypto::sha256({});
  const SignCall call =
      sign_call(kind_of(KeyAlgorithm::rsa_3072), Scheme::rsa_pkcs1, HashAlgorithm::sha256, digest);
  Bytes expected = *from_hex("3031300d060960864801650304020105000420");
  append(expected, digest);
  CHECK(call.mechanism == CKM_RSA_PKCS);
  CHECK(call.data == expected);
}

TEST_CASE("PSS has one hash for digest, mask and salt length") {
  const SignCall call =
      sign_call(kind_of(KeyAlgorithm::rsa_4096), Scheme::rsa_pss, HashAlgorithm::sha384, Bytes(48));
  REQUIRE(call.has_pss);
  CHECK(call.pss.hashAlg == CKM_SHA384);
  CHECK(call.pss.mgf == CKG_MGF1_SHA384);
  CHECK(call.pss.sLen == 48);
}

TEST_CASE("ECDSA takes the leftmost octets of a digest that is longer than the curve") {
  Bytes digest(64, 1);
  digest[32] = 2;
  CHECK(sign_call(kind_of(KeyAlgorithm::ecdsa_p256), Scheme::ecdsa, HashAlgorithm::sha512, digest)
            .data == Bytes(32, 1));
  CHECK(sign_call(kind_of(KeyAlgorithm::ecdsa_p521), Scheme::ecdsa, HashAlgorithm::sha512, digest)
            .data == digest);
}
