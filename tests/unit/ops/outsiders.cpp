// What a caller without a staff role learns of names by asking for their credentials: nothing but
// what a wrong factor tells.
#include "audit/log.h"
#include "ops/backend.h"
#include "ops/certificates.h"
#include "ops/users.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/template_home.h"

using namespace tsp;

namespace {

constexpr const char* kNobodysKey = "00112233445566778899aabbccddeeff";

struct Outsiders {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  SystemClock clock;
  ops::Provider provider{home, ops::Config(),
                         ops::World{clock, nullptr, nullptr, "uid:7", TSP_SOURCE_DIR "/config"}};
  ops::LocalBackend backend{provider};
  ops::LocalBackend dry{provider, ops::LocalBackend::Mode::dry_run};
  int callers = 0;

  // Each is a caller of his own, so that nobody waits for another's tries.
  void as_outsider() {
    provider.act_for("uid:" + std::to_string(100 + ++callers), {ops::Role::application});
  }
  void as_staff() { provider.act_for("uid:7", ops::Roles::all()); }

  struct Told {
    std::string fault, message, hint;
    std::optional<std::uint64_t> seq;
    bool operator==(const Told& other) const {
      return fault == other.fault && message == other.message && hint == other.hint;
    }
  };
  Told told(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& error) {
      return {std::string(fault_row(error.fault).name), error.message, error.next, error.audit_seq};
    }
    return {"none", "", "", {}};
  }
  // A whole number, as of somebody who was told one; nobody's, unless it is given.
  Told asks(const std::string& user, const std::string& key = kNobodysKey) {
    as_outsider();
    return told([&] { backend.credential(user, key, nullptr); });
  }
  Told shows_pin(const std::string& user, std::string_view digits) {
    as_outsider();
    const Secret pin = Secret::copy_of(as_bytes(digits));
    return told([&] { backend.credential(user, "", &pin); });
  }
  std::string key_of_alice() { return store::keys_of(provider.database(), "alice").front().id; }
  Json record(const Told& of) {
    return audit::find(provider.database(), static_cast<std::int64_t>(of.seq.value()))
        .value()
        .event.details;
  }
};

}  // namespace

TEST_CASE_METHOD(Outsiders, "a name that nobody has is told from one that cannot sign by nothing") {
  ops::EnrollUser order;
  order.hand_out = [](const Secret&) {};
  order.name = "bob";
  order.kind = "natural";
  order.common_name = "Bob Weber";
  order.given_name = "Bob";
  order.surname = "Weber";
  order.country = "LU";
  order.pin = Secret::copy_of(as_bytes("864209"));
  ops::enroll_user(provider, order);  // without a key
  for (int turn = 1; turn <= 6; ++turn) {
    const Told unknown = asks("zoe"), keyless = asks("bob"), another = asks("alice");
    CHECK(unknown == keyless);
    CHECK(unknown == another);
    CHECK(unknown.fault == (turn < 5 ? "factor-refused" : "locked-out"));
    CHECK(record(unknown).at("cause") == "unknown-user");
    CHECK(record(keyless).at("cause") == "unknown-key");
  }
}

TEST_CASE_METHOD(Outsiders, "a suspended signer's key and another's are told by nothing") {
  ops::suspend_user(provider, "alice", false);
  const Told suspended = asks("alice", key_of_alice());
  CHECK(suspended.fault == "factor-refused");
  CHECK(suspended == asks("yan", key_of_alice()));
  as_staff();
  CHECK(told([&] { backend.credential("zoe", "", nullptr); }).fault == "not-found");
  CHECK(told([&] { backend.credential("alice", "", nullptr); }).fault == "policy-refused");
}

TEST_CASE_METHOD(Outsiders,
                 "a signer who can sign is told from a name that nobody has by nothing") {
  for (const char* key : {"", "0011223344556677"}) {  // none, and the beginning of one
    const Told of_signer = asks("alice", key);
    CHECK(of_signer.fault == "input-needed");
    CHECK(of_signer == asks("zoe", key));
    CHECK(of_signer == asks("alice", key_of_alice().substr(0, 16)));
    as_outsider();
    CHECK(of_signer == told([&] { backend.one_shot("alice", 1, nullptr); }));
    as_outsider();
    CHECK(of_signer == told([&] { backend.one_shot("zoe", 2, nullptr); }));
  }
  for (int turn = 1; turn <= 6; ++turn) {
    const Told of_signer = shows_pin("alice", "000000");
    CHECK(of_signer == shows_pin("zoe", "000000"));
    CHECK(of_signer.fault == (turn < 5 ? "factor-refused" : "locked-out"));
  }
}

TEST_CASE_METHOD(Outsiders, "the key's number or the signer's PIN opens what is known of him") {
  CHECK(asks("alice", key_of_alice()).fault == "none");
  CHECK(shows_pin("alice", test::kAlicePin).fault == "none");
  as_outsider();
  const Secret pin = Secret::copy_of(as_bytes(test::kAlicePin));
  CHECK(told([&] { backend.one_shot("alice", 1, &pin); }).fault == "none");
  // Who showed the PIN is told what stands in the way.
  as_outsider();
  CHECK(told([&] { backend.credential("alice", kNobodysKey, &pin); }).fault == "factor-refused");
  as_staff();
  for (const auto& row : store::all_certificates(provider.database()))
    if (row.owner == "alice") ops::revoke_certificate(provider, row.serial, "superseded", false);
  CHECK(shows_pin("alice", test::kAlicePin).fault == "policy-refused");
}

TEST_CASE_METHOD(Outsiders, "asking locks no signer") {
  for (int turn = 0; turn < 6; ++turn) asks("alice");
  CHECK(store::attempts_of(provider.database(), "alice") == 0);
  CHECK(asks("alice", key_of_alice()).fault == "none");
}

TEST_CASE_METHOD(Outsiders, "whoever asks for many names waits") {
  as_outsider();
  const auto again = [&](const std::string& user) {
    return told([&] { backend.credential(user, kNobodysKey, nullptr); }).fault;
  };
  CHECK(again("u1") == "factor-refused");
  CHECK(again("u2") == "factor-refused");
  CHECK(again("u3") == "factor-refused");
  CHECK(again("u4") == "busy");
}

TEST_CASE_METHOD(Outsiders, "a dry run and a one-shot credential tell no more") {
  as_outsider();
  const Secret pin = Secret::copy_of(as_bytes("000000"));
  CHECK(told([&] { dry.credential("zoe", "", &pin); }).fault == "factor-refused");
  as_outsider();
  CHECK(told([&] { dry.credential("zoe", kNobodysKey, nullptr); }).fault == "factor-refused");
  for (const int scal : {1, 2})
    for (const char* user : {"yan", "alice"}) {
      as_outsider();
      CHECK(told([&] { backend.one_shot(user, scal, &pin); }).fault == "factor-refused");
    }
}

TEST_CASE_METHOD(Outsiders, "a check before the factors tells outsiders nothing") {
  as_staff();
  ops::Credential credential = backend.credential("alice", "", nullptr);
  sam::Manifest manifest;
  manifest.entries.push_back({"a.pdf", Bytes(32), Bytes(32), {0x31, 0x00}});
  CHECK(told([&] { backend.check(credential, manifest); }).fault != "none");
  for (const char* user : {"alice", "zoe"}) {
    as_outsider();
    credential.user = user;
    CHECK(told([&] { backend.check(credential, manifest); }).fault == "none");
  }
}
