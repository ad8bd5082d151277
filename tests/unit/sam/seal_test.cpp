// The seal of a SCAL 2 key, and who cannot open it.
#include "sam/seal.h"

#include <cstdio>

#include "crypto/symmetric.h"
#include "sam/weak_for_tests.h"
#include "signers_token.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

struct Sealing : SignersToken {
  Secret share = Secret::random(kShareSize);
  Bytes wrapped = Bytes(48, 0x77);
  Sealed sealed = make_seal_for_tests(*session, "k1", secret("246813"), share,
                                      crypto::Argon2{8, 1, 1}, wrapped);

  std::optional<Bytes> open_with(std::string_view pin, const Secret& with,
                                 const std::string& credential = "k1") {
    return open_seal(seal_key(*session, credential, secret(pin), with, sealed.blob), credential,
                     sealed.blob);
  }
};

}  // namespace

TEST_CASE_METHOD(Sealing, "a seal opens with PIN and share, and with the key that made it") {
  CHECK(open_with("246813", share) == wrapped);
  CHECK(open_seal(sealed.key, "k1", sealed.blob) == wrapped);
}

TEST_CASE_METHOD(Sealing, "a wrong PIN, a wrong share or another credential opens nothing") {
  CHECK_FALSE(open_with("246814", share));
  CHECK_FALSE(open_with("246813", Secret::random(kShareSize)));
  CHECK_FALSE(open_with("246813", share, "k2"));
  CHECK_FALSE(open_seal(Secret(Bytes()), "k1", sealed.blob));
}

namespace {

#ifdef TSP_SANITIZED
constexpr int kStep = 89;  // ten times as slow there; 246813 = 89 * 2773 + 16
#else
constexpr int kStep = 1;
#endif

// An intruder with the store's blob and a login to the HSM goes through all PINs of six digits. The
// HSM answers him once: its part is the same for every PIN.
struct Intruder {
  const Bytes& blob;
  Bytes associated, pepper;

  Intruder(hsm::Session& hsm, const Bytes& stolen) : blob(stolen) {
    append_field(associated, as_bytes("tsp seal 1"));
    append_field(associated, as_bytes("k1"));
    append_field(associated, ByteView(blob).first(29));
    pepper = hsm.mac(kPepperKey, associated);
  }
  bool opens(int pin, const Secret& with) const {
    char text[8];
    std::snprintf(text, sizeof text, "%06d", pin);
    const ByteView salt = ByteView(blob).subspan(13, 16);
    Bytes input = to_bytes(crypto::argon2id(as_bytes({text, 6}), salt, {8, 1, 1}).view());
    append(input, pepper);
    append(input, with.view());
    const Secret key =
        crypto::hkdf(crypto::HashAlgorithm::sha256, input, {}, as_bytes("tsp seal key 1"), 32);
    return crypto::open(key.view(), ByteView(blob).subspan(29), associated).has_value();
  }
  std::optional<int> search(const Secret& with) const {
    for (int pin = 16 % kStep; pin < 1000000; pin += kStep)
      if (opens(pin, with)) return pin;
    return std::nullopt;
  }
};

}  // namespace

TEST_CASE_METHOD(Sealing, "whoever holds store and HSM finds no PIN without the share") {
  const Intruder intruder(*session, sealed.blob);
  CHECK(intruder.search(share) == 246813);  // he knows how: only the share is missing
  CHECK_FALSE(intruder.search(Secret(Bytes(kShareSize, 0))));
}

TEST_CASE_METHOD(Sealing, "with store and share but without the HSM the right PIN opens nothing") {
  const auto other = with_keys("elsewhere");
  const Secret key = seal_key(*other, "k1", secret("246813"), share, sealed.blob);
  CHECK_FALSE(open_seal(key, "k1", sealed.blob));
}

TEST_CASE_METHOD(Sealing, "what was changed in a seal is found") {
  for (std::size_t at : {std::size_t{13}, std::size_t{30}, sealed.blob.size() - 1}) {
    Bytes blob = sealed.blob;
    blob[at] ^= 1;
    const Secret key = seal_key(*session, "k1", secret("246813"), share, blob);
    CHECK_FALSE(open_seal(key, "k1", blob));
  }
  const auto none = [&](Bytes blob) {
    return fault_of([&] { seal_key(*session, "k1", secret("246813"), share, blob); });
  };
  CHECK(none({}) == "tampered");
  CHECK(none(Bytes(29, 0)) == "tampered");
  Bytes greedy = sealed.blob;
  greedy[1] = 0xff;  // four terabytes of memory
  CHECK(none(greedy) == "tampered");
}

TEST_CASE_METHOD(Sealing, "the product makes no seal weaker than 64 MiB") {
  CHECK(fault_of([&] {
          make_seal(*session, "k1", secret("246813"), share, {8192, 1, 1}, wrapped);
        }) == "policy-refused");
}

TEST_CASE_METHOD(Sealing, "an activation file holds one key's share") {
  const Secret line = share_line("k1", share);
  CHECK(equal(parse_share_line(line, "k1").view(), share.view()));
  CHECK(fault_of([&] { parse_share_line(line, "k2"); }) == "bad-input");
  for (const char* bad : {"", "tsp-share-1 k1", "tsp-share-1 k1 ", "tsp-share-1 k1 AAAA",
                          "tsp-share-2 k1 AAAA", "k1"})
    CHECK(fault_of([&] { parse_share_line(secret(bad), "k1"); }) == "bad-input");
}
