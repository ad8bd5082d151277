// Approval and signatures in one call keep what both promise alone.
#include <thread>

#include "changing_clock.h"
#include "scal2_fixture.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

using Words = std::vector<std::string>;
using Signatures = std::vector<Signature>;
using Progress = std::function<void(std::size_t)>;

template <class Fixture>
struct AtOnce : Fixture {
  Manifest two = this->documents({"a.pdf", "b.pdf"});

  Signatures sign(SignatureActivationModule& module, const Presented& factors,
                  const Progress& progress = {}, const Caller& caller = kStaff) {
    return module.approve_and_sign({&caller, "alice", this->key, &two, &factors}, progress);
  }
  Signatures sign(const Presented& factors, const Progress& progress = {},
                  const Caller& caller = kStaff) {
    auto module = this->module();
    return sign(module, factors, progress, caller);
  }
  Presented right() { return this->presented(kPin, this->code()); }
  std::string refused(const Presented& factors, const Caller& caller = kStaff) {
    bool called = false;
    const std::string out = this->refusal_of([&] {
      sign(
          factors, [&](std::size_t) { called = true; }, caller);
    });
    CHECK_FALSE(called);
    return out;
  }
  std::int64_t approvals() {
    auto count = this->database->prepare("SELECT count(*) FROM approvals");
    return count.step() ? count.integer(0) : -1;
  }
  Json details(std::int64_t seq) { return audit::find(*this->database, seq)->event.details; }
};

using One = AtOnce<Tsp>;
using Two = AtOnce<Scal2>;

}  // namespace

TEST_CASE_METHOD(One, "at once: each signature verifies, and no approval is left to be used") {
  const auto signatures = sign(right());
  check_signed(two, signatures);
  CHECK(approvals() == 0);
  CHECK(store::open_intents(*database).empty());
  CHECK(store::attempts_of(*database, "alice") == 0);
}

TEST_CASE_METHOD(One, "at once: the records are those of approving and signing") {
  const auto signatures = sign(right());
  CHECK(log() ==
        Words{"sign.authorize done", "sign intent", "sign intent", "sign done", "sign done"});
  const Json approval = details(0);
  CHECK(approval.at("certificate") == serial);
  CHECK(approval.at("manifest_sha256") == to_hex(manifest_hash(two)));
  CHECK(approval.at("documents") == 2);
  CHECK(approval.at("factors") == "pin+totp");
  CHECK(approval.at("at_once") == true);
  for (std::int64_t at = 0; at < 2; ++at) {
    const Json result = details(signatures[static_cast<std::size_t>(at)].audit_seq);
    CHECK(details(1 + at).at("approval") == approval.at("approval"));
    CHECK(result.at("approval") == approval.at("approval"));
    CHECK(result.at("intent") == 1 + at);
    CHECK(result.at("key") == key);
  }
}

TEST_CASE_METHOD(One, "at once: approval and intents are durable when the HSM is called") {
  Words seen;
  sign(right(), [&](std::size_t done) {
    if (done > 1) return;
    const auto other = store::Database::open(path, store::Database::Open::existing);
    CHECK(audit::size(*other) == 3);
    CHECK(store::open_intents(*other).size() == 2);
    seen = log();
  });
  CHECK(seen == Words{"sign.authorize done", "sign intent", "sign intent"});
}

TEST_CASE_METHOD(One, "at once: wrong factors are counted, lock, and sign nothing") {
  for (int i = 0; i < 4; ++i)
    CHECK(refused(presented("135790", code())) == "factor-refused factor-refused");
  CHECK(store::attempts_of(*database, "alice") == 4);
  CHECK(refused(presented("135790", code())) == "locked-out factor-refused");
  CHECK(refused(right()) == "locked-out locked");
  CHECK(log() == Words(6, "sign.authorize refused"));
}

TEST_CASE_METHOD(One, "at once: a code is good once, here and for an approval") {
  sign(right());
  CHECK(refused(right()) == "factor-refused factor-refused");
  CHECK(try_with(kPin, code()) == "factor-refused factor-refused");
  next_code();
  authorize(two);
  CHECK(refused(right()) == "factor-refused factor-refused");
}

TEST_CASE_METHOD(One, "at once: of many with one code, one signs") {
  policy.wrong_tries = 1000;
  std::atomic<int> signed_by{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      const auto own = store::Database::open(path, store::Database::Open::existing);
      SignatureActivationModule module(*own, clock, session, policy);
      try {
        const Presented factors = right();
        if (!sign(module, factors).at(0).error) ++signed_by;
      } catch (const Error& error) {
        if (error.fault != Fault::factor_refused) signed_by += 100;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(signed_by == 1);
  const Words words = log();
  CHECK(std::count(words.begin(), words.end(), "sign done") == 2);
  CHECK(std::count(words.begin(), words.end(), "sign.authorize refused") == 7);
}

TEST_CASE_METHOD(One, "at once: what cannot sign is refused before a code is used") {
  std::string reason;
  SECTION("a signer who is suspended") {
    commit([](store::Transaction& t) { store::set_user_state(t, "alice", "suspended"); });
    reason = "policy-refused signer-suspended";
  }
  SECTION("a certificate that is revoked") {
    commit([&](store::Transaction& t) {
      store::revoke_certificate(t, serial, clock.now(), "keyCompromise");
    });
    reason = "policy-refused certificate-revoked";
  }
  SECTION("a blob of another key") {
    const auto row = store::find_key(*database, add_key("alice")).value();
    database->prepare("UPDATE keys SET blob = ? WHERE id = ?").bind(row.blob).bind(key).run();
    reason = "tampered key-link";
  }
  CHECK(refused(right()) == reason);
  CHECK(store::attempts_of(*database, "alice") == 0);
  CHECK(log() == Words{"sign.authorize refused"});
}

TEST_CASE_METHOD(One, "at once: everything is looked at again in the transaction of the intents") {
  const std::pair<std::string, std::string> changes[] = {
      {"UPDATE users SET state = 'suspended' WHERE name = 'alice'", "signer-suspended"},
      {"UPDATE keys SET blob = x'00' WHERE id = '" + key + "'", "key-not-active"},
      {"UPDATE certificates SET state = 'revoked', revoked_at = 1 WHERE serial = '" + serial + "'",
       "certificate-revoked"},
  };
  const Bytes blob = store::find_key(*database, key)->blob;
  for (const auto& [sql, reason] : changes) {
    INFO(sql);
    const ChangingClock changing(*this, sql);
    SignatureActivationModule module(*database, changing, session, policy);
    const auto size = audit::size(*database);
    bool called = false;
    CHECK(refusal_of([&] { sign(module, right(), [&](std::size_t) { called = true; }); }) ==
          "policy-refused " + reason);
    CHECK_FALSE(called);
    CHECK(log(size) == Words{"sign.authorize refused"});
    CHECK(store::open_intents(*database).empty());
    // The factors were right.
    CHECK(store::attempts_of(*database, "alice") == 0);
    tamper("UPDATE users SET state = 'active'");
    tamper("UPDATE certificates SET state = 'valid', revoked_at = NULL");
    database->prepare("UPDATE keys SET blob = ?").bind(blob).run();
    CHECK(refused(right()) == "factor-refused factor-refused");
    next_code();
  }
}

TEST_CASE_METHOD(One, "at once: where the intents cannot be written the HSM is not called") {
  const ChangingClock changing(*this, "PRAGMA query_only = 1");
  SignatureActivationModule module(*database, changing, session, policy);
  bool called = false;
  const Error error = error_in([&] { sign(module, right(), [&](std::size_t) { called = true; }); });
  database->prepare("PRAGMA query_only = 0").run();
  CHECK(error.fault == Fault::audit_before_signing);
  CHECK_FALSE(called);
  CHECK(log().empty());
  CHECK(store::open_intents(*database).empty());
  CHECK_FALSE(sign(right()).at(0).error);  // the code was not used
}

TEST_CASE_METHOD(One, "at once: where the results cannot be written nothing is delivered") {
  const Error error = error_in([&] {
    sign(right(), [&](std::size_t done) {
      if (done == 2) database->prepare("PRAGMA query_only = 1").run();
    });
  });
  database->prepare("PRAGMA query_only = 0").run();
  CHECK(error.fault == Fault::audit_after_signing);
  CHECK(error.audit_seq == 1);
  CHECK(store::open_intents(*database).size() == 2);
  CHECK(log() == Words{"sign.authorize done", "sign intent", "sign intent"});
  CHECK(refused(right()) == "factor-refused factor-refused");  // a crash gives no code back
}

TEST_CASE_METHOD(One, "at once: without the wrapping key every document fails, on record") {
  session->destroy_key(kMasterKey);
  for (const Signature& signature : sign(right())) {
    CHECK(signature.error);
    CHECK(signature.value.empty());
  }
  CHECK(log() ==
        Words{"sign.authorize done", "sign intent", "sign intent", "sign failed", "sign failed"});
}

TEST_CASE_METHOD(One, "at once: who is not staff learns of nothing but wrong factors") {
  CHECK_FALSE(sign(right(), {}, kOutsider).at(0).error);
  next_code();
  commit([&](store::Transaction& t) {
    store::revoke_certificate(t, serial, clock.now(), "keyCompromise");
  });
  CHECK(refused(presented("135790", code()), kOutsider) == "factor-refused factor-refused");
  CHECK(refused(right(), kOutsider) == "policy-refused certificate-revoked");
  CHECK(store::attempts_of(*database, "alice") == 0);
  CHECK(refused(right(), kOutsider) == "factor-refused factor-refused");  // the code was used
}

TEST_CASE_METHOD(One, "at once: both calls are on the group's account") {
  sign(right());
  const auto day = to_unix_ms(clock.now()) / (24 * 3600 * 1000);
  std::map<std::string, std::int64_t> calls;
  for (const auto& row : store::accounts_of(*database, "default", day, day))
    calls[row.operation + " " + row.outcome] = row.calls;
  CHECK(calls == std::map<std::string, std::int64_t>{{"sign.authorize done", 1}, {"sign done", 2}});
}

TEST_CASE_METHOD(One, "at once: an approval that is needed in between is not given") {
  const Presented factors = right();
  auto module = this->module();
  CHECK_THROWS_AS(module.approve_and_sign({&kStaff, "alice", key, &two, &factors, 1}),
                  std::logic_error);
  Presented machine;
  machine.machine = Secret::random(32);
  CHECK_THROWS_AS(module.approve_and_sign({&kStaff, "alice", key, &two, &machine}),
                  std::logic_error);
  CHECK(log().empty());
}

TEST_CASE_METHOD(Two, "at once: a key of SCAL 2 opens with PIN and what the device answers") {
  const Presented answer = answered(ask(two));
  const auto signatures = sign(answer);
  for (const Signature& signature : signatures) REQUIRE_FALSE(signature.error);
  CHECK(approvals() == 0);
  CHECK(log() == Words{"sign.request done", "sign.authorize done", "sign intent", "sign intent",
                       "sign done", "sign done"});
  CHECK(AtOnce::refused(answer).ends_with("request-unknown"));
}

TEST_CASE_METHOD(Two, "at once: a device's answer is for what it was shown") {
  const Presented answer = answered(ask(documents({"c.pdf"})));
  CHECK(AtOnce::refused(answer) == "policy-refused request-of-another");
  const Presented refusal = answered(ask(two), false);
  CHECK(AtOnce::refused(refusal) == "policy-refused device-refused");
}
