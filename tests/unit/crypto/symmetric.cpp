#include "crypto/symmetric.h"

#include <argon2.h>

#include "base/error.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::crypto;

namespace {

Bytes hex(std::string_view text) {
  return from_hex(text).value();
}

Bytes repeated(std::uint8_t octet, std::size_t count) {
  return Bytes(count, octet);
}

Bytes counting(std::uint8_t first, std::size_t count) {
  Bytes out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<std::uint8_t>(first + i));
  return out;
}

}  // namespace

TEST_CASE("HMAC gives the values of RFC 4231") {
  CHECK(to_hex(hmac(HashAlgorithm::sha256, repeated(0x0b, 20), as_bytes("Hi There"))) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(to_hex(hmac(HashAlgorithm::sha224, as_bytes("Jefe"),
                    as_bytes("what do ya want for nothing?"))) ==
        "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44");
  CHECK(to_hex(hmac(HashAlgorithm::sha384, as_bytes("Jefe"),
                    as_bytes("what do ya want for nothing?"))) ==
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
        "8e2240ca5e69e2c78b3239ecfab21649");
  CHECK(to_hex(hmac(HashAlgorithm::sha512, repeated(0xaa, 131),
                    as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
        "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
}

TEST_CASE("HMAC-SHA-1 gives the values of RFC 2202") {
  CHECK(to_hex(hmac(HashAlgorithm::sha1, as_bytes("Jefe"),
                    as_bytes("what do ya want for nothing?"))) ==
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST_CASE("HMAC takes an empty key and empty data") {
  CHECK(to_hex(hmac(HashAlgorithm::sha256, {}, {})) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("HKDF gives the values of RFC 5869") {
  SECTION("A.1: basic") {
    CHECK(to_hex(hkdf(HashAlgorithm::sha256, repeated(0x0b, 22), counting(0, 13),
                      counting(0xf0, 10), 42)
                     .view()) ==
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  }
  SECTION("A.2: longer inputs and outputs") {
    CHECK(to_hex(hkdf(HashAlgorithm::sha256, counting(0, 80), counting(0x60, 80),
                      counting(0xb0, 80), 82)
                     .view()) ==
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
          "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  }
  SECTION("A.3: no salt, no info") {
    CHECK(to_hex(hkdf(HashAlgorithm::sha256, repeated(0x0b, 22), {}, {}, 42).view()) ==
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  }
  SECTION("A.4: SHA-1") {
    CHECK(to_hex(
              hkdf(HashAlgorithm::sha1, repeated(0x0b, 11), counting(0, 13), counting(0xf0, 10), 42)
                  .view()) ==
          "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896");
  }
}

TEST_CASE("HKDF refuses more than 255 hash lengths and gives exactly that many") {
  CHECK(hkdf(HashAlgorithm::sha256, as_bytes("k"), {}, {}, 255 * 32).size() == 255 * 32);
  CHECK_THROWS_AS(hkdf(HashAlgorithm::sha256, as_bytes("k"), {}, {}, 255 * 32 + 1), Error);
  CHECK(hkdf(HashAlgorithm::sha256, as_bytes("k"), {}, {}, 0).empty());
}

TEST_CASE("open() takes the AES-256-GCM vectors of the GCM specification") {
  const Bytes key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const Bytes nonce = hex("cafebabefacedbaddecaf888");
  SECTION("test case 13: nothing at all") {
    const auto plain =
        open(repeated(0, 32), hex("000000000000000000000000530f8afbc74536b9a963b4f1c4cb738b"), {});
    REQUIRE(plain);
    CHECK(plain->empty());
  }
  SECTION("test case 14: one block of zeros") {
    const auto plain = open(repeated(0, 32),
                            hex("000000000000000000000000cea7403d4d606b6e074ec5d3baf39d18"
                                "d0d1c8a799996bf0265b98b5d48ab919"),
                            {});
    REQUIRE(plain);
    CHECK(to_hex(plain->view()) == "00000000000000000000000000000000");
  }
  SECTION("test case 16: with associated data") {
    Bytes sealed = nonce;
    append(sealed, hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                       "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                       "76fc6ece0f4e1768cddf8853bb2d551b"));
    const auto plain = open(key, sealed, hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"));
    REQUIRE(plain);
    CHECK(to_hex(plain->view()) ==
          "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  }
}

TEST_CASE("what seal() seals, open() opens, at every length up to three blocks") {
  const Bytes key = counting(1, 32);
  for (std::size_t size = 0; size <= 48; ++size) {
    const Bytes plain = counting(7, size), sealed = seal(key, plain, as_bytes("row 7"));
    CHECK(sealed.size() == 12 + size + 16);
    const auto opened = open(key, sealed, as_bytes("row 7"));
    REQUIRE(opened);
    CHECK(equal(opened->view(), plain));
  }
}

TEST_CASE("a flipped bit anywhere, another row or another key opens nothing") {
  const Bytes key = counting(1, 32), sealed = seal(key, as_bytes("a wrapped key"), as_bytes("row"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes damaged = sealed;
    damaged[i] ^= 0x40;
    CHECK_FALSE(open(key, damaged, as_bytes("row")));
  }
  CHECK_FALSE(open(key, sealed, as_bytes("another row")));
  CHECK_FALSE(open(counting(2, 32), sealed, as_bytes("row")));
}

TEST_CASE("every truncation of a sealed value opens nothing") {
  const Bytes key = counting(1, 32), sealed = seal(key, as_bytes("a wrapped key"), {});
  for (std::size_t size = 0; size < sealed.size(); ++size)
    CHECK_FALSE(open(key, ByteView(sealed).first(size), {}));
}

TEST_CASE("two seals of one text differ") {
  const Bytes key = counting(1, 32);
  CHECK(seal(key, as_bytes("x"), {}) != seal(key, as_bytes("x"), {}));
}

TEST_CASE("a key of another length than 32 octets is refused") {
  CHECK_THROWS_AS(seal(counting(1, 16), as_bytes("x"), {}), Error);
  CHECK_THROWS_AS(open(counting(1, 31), repeated(0, 28), {}), Error);
}

TEST_CASE("Argon2id gives the values of the reference implementation") {
  const auto hashed = [](Argon2 cost) {
    return to_hex(argon2id(as_bytes("password"), as_bytes("somesalt"), cost).view());
  };
  CHECK(hashed({65536, 2, 1}) ==
        "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
  CHECK(hashed({256, 2, 1}) == "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
  CHECK(hashed({256, 2, 2}) == "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037");
}

TEST_CASE("the Argon2 library that we link computes the vector of RFC 9106 section 5.3") {
  // With secret and associated data, which argon2id() has no use for.
  Bytes out(32), password = repeated(1, 32), salt = repeated(2, 16), secret = repeated(3, 8),
                 associated = repeated(4, 12);
  argon2_context context{};
  context.out = out.data();
  context.outlen = 32;
  context.pwd = password.data();
  context.pwdlen = 32;
  context.salt = salt.data();
  context.saltlen = 16;
  context.secret = secret.data();
  context.secretlen = 8;
  context.ad = associated.data();
  context.adlen = 12;
  context.t_cost = 3;
  context.m_cost = 32;
  context.lanes = context.threads = 4;
  context.version = ARGON2_VERSION_13;
  REQUIRE(argon2_ctx(&context, Argon2_id) == ARGON2_OK);
  CHECK(to_hex(out) == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

TEST_CASE("Argon2id refuses what RFC 9106 does not define") {
  CHECK_THROWS_AS(argon2id(as_bytes("pw"), as_bytes("short"), {64, 1, 1}), Error);
  CHECK_THROWS_AS(argon2id(as_bytes("pw"), as_bytes("somesalt"), {64, 0, 1}), Error);
  CHECK_THROWS_AS(argon2id(as_bytes("pw"), as_bytes("somesalt"), {64, 1, 1}, 3), Error);
}

TEST_CASE("Argon2id takes an empty password") {
  CHECK(argon2id({}, as_bytes("somesalt"), {64, 1, 1}).size() == 32);
}

TEST_CASE("Argon2id is calibrated to a time, and never under 64 MiB in one pass") {
  using namespace std::chrono_literals;
  const Argon2 quick = calibrate_argon2(1ms), usual = calibrate_argon2(100ms),
               slow = calibrate_argon2(1h);
  CHECK(quick == kLeastArgon2);
  CHECK(usual.memory_kib == kLeastArgon2.memory_kib);
  CHECK(usual.passes >= 1);
  CHECK(slow.passes == 16);
}
