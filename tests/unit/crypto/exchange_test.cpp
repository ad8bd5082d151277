// Vectors: RFC 6979 appendix A.2.5 and RFC 8032 section 7.1 (private and public keys), RFC 5903
// section 8.1 (the ephemeral scalar); what is opened below was sealed with python-cryptography.
#include "crypto/exchange.h"

#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/symmetric.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::crypto;

namespace {

Secret octets(std::string_view hex) {
  return Secret(*from_hex(hex));
}

const char* const kP256Scalar = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const char* const kP256Point =
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
const char* const kEdSeed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const char* const kEdPublic = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const char* const kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

Scheme scheme_of(KeyAlgorithm algorithm) {
  return scheme_for(algorithm, Purpose::document);
}

}  // namespace

TEST_CASE("a key of P-256 from its scalar has the point of RFC 6979") {
  const SoftwareKey key = SoftwareKey::from_private(KeyAlgorithm::ecdsa_p256, octets(kP256Scalar));
  CHECK(to_hex(ByteView(key.public_key().spki()).last(65)) == kP256Point);
  CHECK(to_hex(ExchangeKey::from_private(octets(kP256Scalar)).point()) == kP256Point);
}

TEST_CASE("a key of Ed25519 from its seed signs as RFC 8032 does") {
  SoftwareKey key = SoftwareKey::from_private(KeyAlgorithm::ed25519, octets(kEdSeed));
  CHECK(to_hex(ByteView(key.public_key().spki()).last(32)) == kEdPublic);
  CHECK(to_hex(key.sign(Scheme::ed25519, HashAlgorithm::sha512, {})) ==
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
}

TEST_CASE("a key in memory comes back from its private octets and signs what verifies") {
  for (const KeyAlgorithm algorithm : {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ed25519}) {
    const SoftwareKey made = SoftwareKey::generate(algorithm);
    const Secret kept = made.private_octets();
    REQUIRE(kept.size() == 32);
    SoftwareKey key = SoftwareKey::from_private(algorithm, kept);
    CHECK(key.public_key().spki() == made.public_key().spki());
    CHECK(key.public_key().algorithm() == algorithm);
    const Bytes digest = sha256(as_bytes("message"));
    const Bytes signature = key.sign(scheme_of(algorithm), HashAlgorithm::sha256, digest);
    CHECK(made.public_key().verify(scheme_of(algorithm), HashAlgorithm::sha256, digest, signature));
    CHECK_FALSE(made.public_key().verify(scheme_of(algorithm), HashAlgorithm::sha256,
                                         sha256(as_bytes("another")), signature));
  }
}

TEST_CASE("a key in memory signs by its own scheme only") {
  SoftwareKey key = SoftwareKey::generate(KeyAlgorithm::ecdsa_p256);
  CHECK_THROWS_AS(key.sign(Scheme::ed25519, HashAlgorithm::sha256, Bytes(32)), Error);
  CHECK_THROWS_AS(key.sign(Scheme::ecdsa, HashAlgorithm::sha256, Bytes(31)), Error);
}

TEST_CASE("keys in memory are of P-256 and Ed25519 alone") {
  for (const KeyAlgorithm algorithm : {KeyAlgorithm::ecdsa_p384, KeyAlgorithm::rsa_3072}) {
    CHECK_THROWS_AS(SoftwareKey::generate(algorithm), Error);
    CHECK_THROWS_AS(SoftwareKey::from_private(algorithm, octets(kP256Scalar)), Error);
  }
}

TEST_CASE("octets that are no private key are refused") {
  for (const std::string& wrong :
       {std::string(), std::string(62, '1'), std::string(66, '1'), std::string(64, '0'),
        std::string(kOrder), std::string(64, 'f')}) {
    CHECK_THROWS_AS(ExchangeKey::from_private(octets(wrong)), Error);
    CHECK_THROWS_AS(SoftwareKey::from_private(KeyAlgorithm::ecdsa_p256, octets(wrong)), Error);
  }
  CHECK_THROWS_AS(SoftwareKey::from_private(KeyAlgorithm::ed25519, octets("11")), Error);
  CHECK(ExchangeKey::from_private(octets(std::string(62, '0') + "01")).point().size() == 65);
}

TEST_CASE("what is sealed to a point is opened by its key, with the same associated data") {
  const ExchangeKey key = ExchangeKey::generate();
  const ExchangeKey again = ExchangeKey::from_private(key.private_octets());
  const Bytes sealed = seal_to(key.point(), as_bytes("share"), as_bytes("for k1"));
  CHECK(sealed.size() == 5 + kSealedToOthers);
  const auto opened = again.open(sealed, as_bytes("for k1"));
  REQUIRE(opened);
  CHECK(opened->text() == "share");
  CHECK_FALSE(again.open(sealed, as_bytes("for k2")));
  CHECK_FALSE(ExchangeKey::generate().open(sealed, as_bytes("for k1")));
  CHECK(key.open(seal_to(key.point(), {}, {}), {})->empty());
}

TEST_CASE("no octet of what is sealed can be changed") {
  const ExchangeKey key = ExchangeKey::generate();
  const Bytes sealed = seal_to(key.point(), as_bytes("share"), {});
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    Bytes changed = sealed;
    changed[at] ^= 1;
    CHECK_FALSE(key.open(changed, {}));
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    CHECK_FALSE(key.open(ByteView(sealed).first(size), {}));
}

TEST_CASE("what another implementation sealed is opened") {
  const ExchangeKey key = ExchangeKey::from_private(octets(kP256Scalar));
  const auto opened = key.open(
      *from_hex("04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb82"
                "52d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3000102030405060708090a0bfa619e"
                "f6e6e373609e06bdd32200fd8a896576a95849f15c5b838e41617d5f45"),
      as_bytes("associated"));
  REQUIRE(opened);
  CHECK(opened->text() == "sealed elsewhere");
}

TEST_CASE("points that are not on the curve are none") {
  const Bytes point = *from_hex(kP256Point);
  CHECK(is_point(point));
  Bytes off = point;
  off.back() ^= 1;
  Bytes compressed(point.begin(), point.begin() + 33);
  compressed[0] = 3;
  Bytes hybrid = point;
  hybrid[0] = 7;
  Bytes longer = point;
  longer.push_back(0);
  Bytes zero(65);
  zero[0] = 4;
  for (const Bytes& wrong : {Bytes(), Bytes(1), Bytes(65), off, compressed, hybrid, longer, zero}) {
    CHECK_FALSE(is_point(wrong));
    CHECK_THROWS_AS(seal_to(wrong, as_bytes("x"), {}), Error);
    Bytes sealed = wrong;
    sealed.resize(120);
    CHECK_FALSE(ExchangeKey::from_private(octets(kP256Scalar)).open(sealed, {}));
  }
}
