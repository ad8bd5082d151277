// Keys that must not be certified.
#include <openssl/bn.h>

#include "base/error.h"
#include "crypto/der.h"
#include "crypto/public_key.h"
#include "support/catch.h"
#include "support/software_signer.h"

using namespace tsp;
using namespace tsp::crypto;
using test::shared_signer;

namespace {

using BigPtr = std::unique_ptr<BIGNUM, Release<&BN_free>>;
using ScratchPtr = std::unique_ptr<BN_CTX, Release<&BN_CTX_free>>;

Bytes number_octets(const BIGNUM* value) {
  Bytes out(static_cast<std::size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, out.data());
  return out;
}

PublicKey rsa_key(const BIGNUM* modulus, ByteView exponent) {
  const Bytes key =
      der::sequence(der::unsigned_integer(number_octets(modulus)), der::unsigned_integer(exponent));
  Bytes bits{0};
  append(bits, key);
  return PublicKey::from_spki(
      der::sequence(der::sequence(der::oid("1.2.840.113549.1.1.1"), der::null()),
                    der::tlv(der::kBitString, bits)));
}

const Bytes kF4{1, 0, 1};

// A sound modulus of 3072 bits, to be spoiled.
BigPtr sound_modulus() {
  BIGNUM* value = nullptr;
  EVP_PKEY_get_bn_param(shared_signer(KeyAlgorithm::rsa_3072).key(), "n", &value);
  return BigPtr(value);
}

// A prime of `bits` bits of the form k*M + (65537^a mod M), M the product of the primes to 167: how
// the library of CVE-2017-15361 made them.
BigPtr roca_prime(int bits, BN_CTX* scratch) {
  const BigPtr product(BN_new()), power(BN_new()), exponent(BN_new()), k(BN_new());
  BigPtr prime(BN_new());
  BN_one(product.get());
  for (BN_ULONG candidate = 2; candidate <= 167; ++candidate) {
    bool composite = false;
    for (BN_ULONG divisor = 2; divisor * divisor <= candidate; ++divisor)
      composite = composite || candidate % divisor == 0;
    if (!composite) BN_mul_word(product.get(), candidate);
  }
  BN_set_word(power.get(), 65537);
  do {
    BN_rand(exponent.get(), 64, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
    BN_mod_exp(prime.get(), power.get(), exponent.get(), product.get(), scratch);
    BN_rand(k.get(), bits - BN_num_bits(product.get()), BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ANY);
    BN_mul(k.get(), k.get(), product.get(), scratch);
    BN_add(prime.get(), prime.get(), k.get());
  } while (BN_num_bits(prime.get()) != bits || BN_check_prime(prime.get(), scratch, nullptr) != 1);
  return prime;
}

}  // namespace

TEST_CASE("keys of the algorithms for new keys have no weakness") {
  const auto algorithm =
      GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384, KeyAlgorithm::ecdsa_p521,
               KeyAlgorithm::rsa_3072, KeyAlgorithm::ed25519);
  CHECK(find_weakness(shared_signer(algorithm).public_key()) == std::nullopt);
}

TEST_CASE("RSA under 3000 bits is weak and says its size") {
  const unsigned bits = GENERATE(1024u, 2048u);
  const auto key = PublicKey::of(test::generate_rsa(bits).get());
  CHECK_THAT(find_weakness(key).value(), ContainsSubstring(std::to_string(bits)));
  CHECK_FALSE(key.algorithm());
}

TEST_CASE("small and even RSA exponents are weak, and so are those over 2^256") {
  const BigPtr modulus = sound_modulus();
  CHECK_THAT(find_weakness(rsa_key(modulus.get(), Bytes{3})).value(),
             ContainsSubstring("under 2^16"));
  CHECK_THAT(find_weakness(rsa_key(modulus.get(), Bytes{0xff, 0xff})).value(),
             ContainsSubstring("under 2^16"));
  CHECK_THAT(find_weakness(rsa_key(modulus.get(), Bytes{1, 0, 2})).value(),
             ContainsSubstring("even"));
  Bytes large(33, 1);
  CHECK_THAT(find_weakness(rsa_key(modulus.get(), large)).value(), ContainsSubstring("over 2^256"));
}

TEST_CASE("an even RSA modulus is weak") {
  const BigPtr modulus = sound_modulus();
  BN_sub_word(modulus.get(), 1);
  CHECK_THAT(find_weakness(rsa_key(modulus.get(), kF4)).value(), ContainsSubstring("even"));
}

TEST_CASE("an RSA modulus with a small factor is weak and names the factor") {
  const BigPtr modulus = sound_modulus();
  BN_rshift(modulus.get(), modulus.get(), 20);
  BN_set_bit(modulus.get(), 0);
  BN_mul_word(modulus.get(), 32749);  // the largest prime below 2^15
  while (BN_num_bits(modulus.get()) < 3072) BN_mul_word(modulus.get(), 3);
  CHECK_THAT(find_weakness(rsa_key(modulus.get(), kF4)).value(), ContainsSubstring("factor"));
}

TEST_CASE("an RSA modulus of ROCA's shape is weak") {
  const ScratchPtr scratch(BN_CTX_new());
  const BigPtr p = roca_prime(1536, scratch.get()), q = roca_prime(1536, scratch.get());
  const BigPtr modulus(BN_new());
  BN_mul(modulus.get(), p.get(), q.get(), scratch.get());
  CHECK_THAT(find_weakness(rsa_key(modulus.get(), kF4)).value(), ContainsSubstring("ROCA"));
}

TEST_CASE("RSA factors that lie close together are weak") {
  const ScratchPtr scratch(BN_CTX_new());
  const BigPtr p(BN_new()), q(BN_new()), modulus(BN_new());
  BN_generate_prime_ex(p.get(), 1536, 0, nullptr, nullptr, nullptr);
  BN_copy(q.get(), p.get());
  do {
    BN_add_word(q.get(), 2);
  } while (BN_check_prime(q.get(), scratch.get(), nullptr) != 1);
  BN_mul(modulus.get(), p.get(), q.get(), scratch.get());
  CHECK_THAT(find_weakness(rsa_key(modulus.get(), kF4)).value(), ContainsSubstring("close"));
}

TEST_CASE("a prime RSA modulus is weak") {
  BIGNUM* group = BN_get_rfc3526_prime_3072(nullptr);  // RFC 3526 section 4
  const BigPtr prime(group);
  CHECK(find_weakness(rsa_key(prime.get(), kF4)));
}

TEST_CASE("a modulus of an unusual size is not an algorithm for new keys") {
  const auto key = PublicKey::of(test::generate_rsa(3080).get());
  CHECK_THAT(find_weakness(key).value(), ContainsSubstring("RSA-3080"));
}

TEST_CASE("curves other than P-256, P-384 and P-521 are not for new keys") {
  const auto key = PublicKey::of(test::generate_ec("secp256k1").get());
  CHECK_THAT(find_weakness(key).value(), ContainsSubstring("secp256k1"));
}

TEST_CASE("a point off the curve is no public key") {
  Bytes spki = shared_signer(KeyAlgorithm::ecdsa_p256).public_key().spki();
  spki.back() ^= 1;
  CHECK_THROWS_AS(PublicKey::from_spki(spki), Error);
}

TEST_CASE("the point at infinity is no public key") {
  const Bytes identifier =
      der::sequence(der::oid("1.2.840.10045.2.1"), der::oid("1.2.840.10045.3.1.7"));
  const Bytes spki = der::sequence(identifier, der::tlv(der::kBitString, Bytes{0, 0}));
  // Either it is not read at all, or it is not certified.
  try {
    CHECK(find_weakness(PublicKey::from_spki(spki)));
  } catch (const Error& error) {
    CHECK(error.fault == Fault::bad_input);
  }
}

TEST_CASE("an Ed25519 point of small order is weak, whatever its sign and form") {
  const Bytes prefix = *from_hex("302a300506032b6570032100");
  for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000080",
                            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    Bytes spki = prefix;
    append(spki, *from_hex(point));
    CHECK(find_weakness(PublicKey::from_spki(spki)) ==
          "the point of the Ed25519 key has a small order");
  }
  CHECK_FALSE(find_weakness(shared_signer(KeyAlgorithm::ed25519).public_key()));
}

TEST_CASE("keys that make a verification slow are told apart") {
  const auto of_bits = [](int bits, ByteView exponent) {
    const BigPtr modulus(BN_new());
    BN_rand(modulus.get(), bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
    return is_tractable(rsa_key(modulus.get(), exponent).get());
  };
  CHECK(of_bits(8192, kF4));
  CHECK_FALSE(of_bits(8193, kF4));
  CHECK(of_bits(2048, Bytes{0xff, 0xff, 0xff, 0xff}));
  CHECK_FALSE(of_bits(2048, Bytes{1, 0, 0, 0, 1}));
  CHECK(is_tractable(shared_signer(KeyAlgorithm::ecdsa_p521).key()));
}
