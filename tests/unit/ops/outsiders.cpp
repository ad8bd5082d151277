// What a caller without a staff role learns of names by asking for their credentials: nothing but
// what a wrong factor tells.
#include "audit/log.h"
#include "ops/backend.h"
#include "ops/users.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/template_home.h"

using namespace tsp;

namespace {

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
  Told asks(const std::string& user, const std::string& key = "") {
    as_outsider();
    return told([&] { backend.credential(user, key); });
  }
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
    const Told unknown = asks("zoe"), keyless = asks("bob");
    CHECK(unknown == keyless);
    CHECK(unknown.fault == (turn < 5 ? "factor-refused" : "locked-out"));
    CHECK(record(unknown).at("cause") == "unknown-user");
    CHECK(record(keyless).at("cause") == "no-credential");
  }
  ops::suspend_user(provider, "alice", false);
  CHECK(asks("alice") == asks("yan"));
  CHECK(asks("alice", "00112233445566778899aabbccddeeff") == asks("yan"));
  as_staff();
  CHECK(told([&] { backend.credential("zoe", ""); }).fault == "not-found");
  CHECK(told([&] { backend.credential("alice", ""); }).fault == "policy-refused");
}

TEST_CASE_METHOD(Outsiders, "asking locks no signer") {
  for (int turn = 0; turn < 6; ++turn) asks("alice", "00112233445566778899aabbccddeeff");
  CHECK(store::attempts_of(provider.database(), "alice") == 0);
  CHECK(asks("alice").fault == "none");
}

TEST_CASE_METHOD(Outsiders, "whoever asks for many names waits") {
  as_outsider();
  const auto again = [&](const std::string& user) {
    return told([&] { backend.credential(user, ""); }).fault;
  };
  CHECK(again("u1") == "factor-refused");
  CHECK(again("u2") == "factor-refused");
  CHECK(again("u3") == "factor-refused");
  CHECK(again("u4") == "busy");
}

TEST_CASE_METHOD(Outsiders, "a dry run and a one-shot credential tell no more") {
  as_outsider();
  CHECK(told([&] { dry.credential("zoe", ""); }).fault == "factor-refused");
  as_outsider();
  CHECK(told([&] { backend.one_shot("yan", 1); }).fault == "factor-refused");
  as_outsider();
  CHECK(told([&] { backend.one_shot("yan", 2); }).fault == "factor-refused");
}

TEST_CASE_METHOD(Outsiders, "a check before the factors tells outsiders nothing") {
  as_staff();
  ops::Credential credential = backend.credential("alice", "");
  sam::Manifest manifest;
  manifest.entries.push_back({"a.pdf", Bytes(32), Bytes(32), {0x31, 0x00}});
  CHECK(told([&] { backend.check(credential, manifest); }).fault != "none");
  for (const char* user : {"alice", "zoe"}) {
    as_outsider();
    credential.user = user;
    CHECK(told([&] { backend.check(credential, manifest); }).fault == "none");
  }
}
