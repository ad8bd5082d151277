#include "crypto/public_key.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "support/catch.h"
#include "support/software_signer.h"

using namespace tsp;
using namespace tsp::crypto;
using test::shared_signer;

namespace {

using CtxPtr = std::unique_ptr<EVP_PKEY_CTX, Release<&EVP_PKEY_CTX_free>>;

const Bytes& document_digest() {
  static const Bytes value = sha256(as_bytes("a document"));
  return value;
}

// The content octets of the two INTEGERs of an ECDSA value.
std::vector<Bytes> numbers_of(const Bytes& ecdsa) {
  std::vector<Bytes> out;
  const auto elements = der::children(der::first(ecdsa)->content);
  for (const auto& element : elements.value()) out.push_back(to_bytes(element.content));
  return out;
}

bool verifies(const Bytes& value) {
  return shared_signer(KeyAlgorithm::ecdsa_p256)
      .public_key()
      .verify(Scheme::ecdsa, HashAlgorithm::sha256, document_digest(), value);
}

}  // namespace

TEST_CASE("signatures of every scheme verify, and not under another digest") {
  const auto [key, scheme] = GENERATE(std::pair{KeyAlgorithm::ecdsa_p256, Scheme::ecdsa},
                                      std::pair{KeyAlgorithm::ecdsa_p384, Scheme::ecdsa},
                                      std::pair{KeyAlgorithm::ecdsa_p521, Scheme::ecdsa},
                                      std::pair{KeyAlgorithm::rsa_3072, Scheme::rsa_pss},
                                      std::pair{KeyAlgorithm::rsa_3072, Scheme::rsa_pkcs1},
                                      std::pair{KeyAlgorithm::ed25519, Scheme::ed25519});
  auto& signer = shared_signer(key);
  const auto hash = HashAlgorithm::sha256;
  const Bytes value = signer.sign(scheme, hash, document_digest());
  CHECK(signer.public_key().verify(scheme, hash, document_digest(), value));
  CHECK_FALSE(signer.public_key().verify(scheme, hash, sha256({}), value));
  CHECK(signer.public_key().algorithm() == key);
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("an ECDSA value verifies in DER alone") {
  const Bytes value = shared_signer(KeyAlgorithm::ecdsa_p256)
                          .sign(Scheme::ecdsa, HashAlgorithm::sha256, document_digest());
  const auto numbers = numbers_of(value);
  REQUIRE(verifies(value));
  Bytes trailing = value;
  trailing.push_back(0);
  CHECK_FALSE(verifies(trailing));
  Bytes padded{0};
  append(padded, numbers[0]);
  CHECK_FALSE(verifies(
      der::sequence(der::tlv(der::kInteger, padded), der::tlv(der::kInteger, numbers[1]))));
  Bytes long_form{0x30, 0x81};
  append(long_form, ByteView(value).subspan(1));
  CHECK_FALSE(verifies(long_form));
  for (std::size_t size = 0; size < value.size(); ++size)
    CHECK_FALSE(verifies(Bytes(value.begin(), value.begin() + static_cast<long>(size))));
}

TEST_CASE("ECDSA values of zero or beyond the order do not verify") {
  const Bytes order =
      from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").value();
  CHECK_FALSE(verifies(der::sequence(der::integer(0), der::integer(0))));
  CHECK_FALSE(verifies(der::sequence(der::integer(1), der::integer(0))));
  CHECK_FALSE(verifies(der::sequence(der::unsigned_integer(order), der::integer(1))));
  CHECK_FALSE(verifies(der::sequence(der::integer(-1), der::integer(1))));
}

TEST_CASE("an RSA value of another length than the modulus does not verify") {
  auto& signer = shared_signer(KeyAlgorithm::rsa_3072);
  const auto hash = HashAlgorithm::sha256;
  const Scheme scheme = GENERATE(Scheme::rsa_pkcs1, Scheme::rsa_pss);
  Bytes value = signer.sign(scheme, hash, document_digest());
  const Scheme other = scheme == Scheme::rsa_pss ? Scheme::rsa_pkcs1 : Scheme::rsa_pss;
  CHECK_FALSE(signer.public_key().verify(other, hash, document_digest(), value));
  value.insert(value.begin(), 0);
  CHECK_FALSE(signer.public_key().verify(scheme, hash, document_digest(), value));
  CHECK_FALSE(signer.public_key().verify(scheme, hash, document_digest(), {}));
}

TEST_CASE("a PSS salt of another length than the hash does not verify") {
  auto& signer = shared_signer(KeyAlgorithm::rsa_3072);
  const CtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, signer.key(), nullptr));
  REQUIRE(EVP_PKEY_sign_init(context.get()) == 1);
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING);
  EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256());
  EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), 20);
  Bytes value(384);
  std::size_t size = value.size();
  REQUIRE(EVP_PKEY_sign(context.get(), value.data(), &size, document_digest().data(), 32) == 1);
  CHECK_FALSE(
      signer.public_key().verify(Scheme::rsa_pss, HashAlgorithm::sha256, document_digest(), value));
}

TEST_CASE("a scheme that is not the key's, or a digest of another size, does not verify") {
  auto& signer = shared_signer(KeyAlgorithm::ecdsa_p256);
  const Bytes value = signer.sign(Scheme::ecdsa, HashAlgorithm::sha256, document_digest());
  for (auto scheme : {Scheme::rsa_pss, Scheme::rsa_pkcs1, Scheme::ed25519})
    CHECK_FALSE(
        signer.public_key().verify(scheme, HashAlgorithm::sha256, document_digest(), value));
  CHECK_FALSE(
      signer.public_key().verify(Scheme::ecdsa, HashAlgorithm::sha384, document_digest(), value));
}

TEST_CASE("a SubjectPublicKeyInfo is taken whole or not at all") {
  const auto algorithm = GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072);
  const Bytes spki = shared_signer(algorithm).public_key().spki();
  CHECK(PublicKey::from_spki(spki).spki() == spki);
  Bytes trailing = spki;
  trailing.push_back(0);
  CHECK_THROWS_AS(PublicKey::from_spki(trailing), Error);
  for (std::size_t size = 0; size < spki.size(); ++size)
    CHECK_THROWS_AS(PublicKey::from_spki(ByteView(spki).first(size)), Error);
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("no change of one octet crashes the reading or judging of a key") {
  const Bytes spki = shared_signer(KeyAlgorithm::ecdsa_p256).public_key().spki();
  for (std::size_t at = 0; at < spki.size(); ++at)
    for (int flip : {0x01, 0x80, 0xff}) {
      Bytes damaged = spki;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ flip);
      try {
        const PublicKey key = PublicKey::from_spki(damaged);
        find_weakness(key);
        key.description();
        key.verify(Scheme::ecdsa, HashAlgorithm::sha256, document_digest(), damaged);
      } catch (const Error& error) {
        CHECK(error.fault == Fault::bad_input);
      }
    }
}

TEST_CASE("keys describe themselves") {
  CHECK(shared_signer(KeyAlgorithm::rsa_3072).public_key().description() == "RSA-3072");
  CHECK(shared_signer(KeyAlgorithm::ecdsa_p256).public_key().description() == "ECDSA P-256");
  CHECK(shared_signer(KeyAlgorithm::ed25519).public_key().description() == "Ed25519");
  const auto brainpool = PublicKey::of(test::generate_ec("brainpoolP256r1").get());
  CHECK(brainpool.description() == "ECDSA brainpoolP256r1");
  CHECK_FALSE(brainpool.algorithm());
}

TEST_CASE("a curve given by explicit parameters is not its named twin") {
  const EvpPkeyPtr key = test::generate_ec("P-256");
  REQUIRE(EVP_PKEY_set_utf8_string_param(key.get(), "encoding", "explicit") == 1);
  const PublicKey shown = PublicKey::of(key.get());
  CHECK_FALSE(shown.algorithm());
  CHECK(find_weakness(shown));
}

TEST_CASE("an elliptic key encodes to the octets it was read from, and only with a true point") {
  const auto algorithm =
      GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384, KeyAlgorithm::ecdsa_p521);
  const Bytes spki = shared_signer(algorithm).public_key().spki();
  const PublicKey key = PublicKey::from_spki(spki);
  std::uint8_t* encoded = nullptr;
  const int size = i2d_PUBKEY(key.get(), &encoded);
  REQUIRE(size > 0);
  CHECK(equal({encoded, static_cast<std::size_t>(size)}, spki));
  OPENSSL_free(encoded);
  CHECK(key.algorithm() == algorithm);
  CHECK(EVP_PKEY_eq(key.get(), shared_signer(algorithm).key()) == 1);
  Bytes beside = spki;
  beside.back() ^= 1;
  CHECK_THROWS_AS(PublicKey::from_spki(beside), Error);
}
