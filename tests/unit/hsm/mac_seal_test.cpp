#include "expect.h"

using namespace tsp;
using namespace tsp::hsm;
using test::SoftHsm;

namespace {

struct Sealing {
  SoftHsm hsm;
  std::shared_ptr<Session> session = hsm.session();
  Sealing() {
    session->generate_seal_key("seed-key");
    session->generate_mac_key("pepper");
  }
};

}  // namespace

TEST_CASE("what was sealed opens with its own associated data") {
  Sealing at;
  const auto size = GENERATE(0, 1, 15, 16, 17, 32, 4096);
  const Bytes plain = random_bytes(static_cast<std::size_t>(size));
  for (const char* associated : {"", "alice/totp"}) {
    const Bytes sealed = at.session->seal("seed-key", plain, as_bytes(associated));
    CHECK(sealed.size() == 12 + plain.size() + 16);
    const auto opened = at.session->open("seed-key", sealed, as_bytes(associated));
    REQUIRE(opened);
    CHECK(equal(opened->view(), plain));
  }
}

TEST_CASE("what was sealed does not open under another name") {
  Sealing at;
  const Bytes sealed = at.session->seal("seed-key", Bytes(20), as_bytes("alice/totp"));
  CHECK_FALSE(at.session->open("seed-key", sealed, as_bytes("bob/totp")));
  CHECK_FALSE(at.session->open("seed-key", sealed, {}));
  at.session->generate_seal_key("other-key");
  CHECK_FALSE(at.session->open("other-key", sealed, as_bytes("alice/totp")));
  CHECK(at.session->open("seed-key", sealed, as_bytes("alice/totp")));
}

TEST_CASE("what was sealed does not open once an octet changed or is missing") {
  Sealing at;
  const Bytes sealed = at.session->seal("seed-key", Bytes(20), {});
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes damaged = sealed;
    damaged[i] ^= 0x40;
    REQUIRE_FALSE(at.session->open("seed-key", damaged, {}));
    REQUIRE_FALSE(at.session->open("seed-key", ByteView(sealed).first(i), {}));
  }
}

TEST_CASE("two seals of the same differ") {
  Sealing at;
  CHECK(at.session->seal("seed-key", Bytes(20), {}) != at.session->seal("seed-key", Bytes(20), {}));
}

TEST_CASE("a MAC depends on key and data, and is the same tomorrow") {
  SoftHsm hsm;
  hsm.session()->generate_mac_key("pepper");
  const Bytes first = hsm.session()->mac("pepper", as_bytes("credential"));
  CHECK(first.size() == 32);
  CHECK(hsm.session()->mac("pepper", {}) != first);
  hsm.session()->generate_mac_key("link");
  CHECK(hsm.session()->mac("link", as_bytes("credential")) != first);
  hsm.unload();
  CHECK(hsm.session()->mac("pepper", as_bytes("credential")) == first);
}

TEST_CASE("a key does only what it was made for") {
  Sealing at;
  CHECK_THROWS_AS(at.session->mac("seed-key", Bytes(20)), Error);
  CHECK_THROWS_AS(at.session->seal("pepper", Bytes(20), {}), Error);
  CHECK_THROWS_AS(at.session->open("pepper", Bytes(40), {}), Error);
  OtherSession other(*at.hsm.module());
  const auto key = find_one(other.live, CKO_SECRET_KEY, "pepper").value();
  CK_MECHANISM sha1{CKM_SHA_1_HMAC, nullptr, 0};
  CHECK(other.live.api->C_SignInit(other.live.session, &sha1, key) != CKR_OK);
  const auto seal_key = find_one(other.live, CKO_SECRET_KEY, "seed-key").value();
  CK_MECHANISM ecb{CKM_AES_ECB, nullptr, 0};
  CHECK(other.live.api->C_DecryptInit(other.live.session, &ecb, seal_key) != CKR_OK);
}

TEST_CASE("an HSM that is gone is not taken for a seal that does not open") {
  Sealing at;
  const Bytes sealed = at.session->seal("seed-key", Bytes(20), {});
  at.hsm.module()->state()->api->C_CloseAllSessions(slot_of(*at.hsm.module(), "signers"));
  CHECK(error_in([&] { at.session->open("seed-key", sealed, {}); }).fault ==
        Fault::hsm_unavailable);
}
