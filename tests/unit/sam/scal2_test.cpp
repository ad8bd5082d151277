// SCAL 2: what a signer's device or code must bring, and that nothing less signs.
#include "scal2_fixture.h"

using namespace tsp;
using namespace tsp::sam;

TEST_CASE_METHOD(Scal2, "PIN and device sign what was shown") {
  const Manifest manifest = documents({"a.pdf", "b.pdf"});
  const Asked asked = ask(manifest);
  CHECK(decode_manifest(asked.manifest).entries.at(1).name == "b.pdf");
  const auto signatures = sign(approve(manifest, answered(asked)), manifest);
  REQUIRE(signatures.size() == 2);
  for (const Signature& signature : signatures) {
    CHECK_FALSE(signature.error);
    CHECK(certificate().public_key().verify(crypto::Scheme::ecdsa, manifest.hash, signature.dtbs,
                                            signature.value));
  }
}

TEST_CASE_METHOD(Scal2, "a wrong PIN, a wrong answer and a foreign device look the same") {
  const Manifest manifest = documents({"a.pdf"});
  CHECK(refused(manifest, answered(ask(manifest), true, "135790")) ==
        "factor-refused factor-refused");
  Presented altered = answered(ask(manifest));
  altered.answer.back() ^= 1;
  CHECK(refused(manifest, altered) == "factor-refused factor-refused");
  Device other = Device::generate("phone", crypto::KeyAlgorithm::ecdsa_p256);
  const Asked asked = ask(manifest);
  DeviceQuestion question = asked.questions.at(0);
  question.sealed_share = seal_share(other.card(), key, Secret::random(kShareSize));
  Presented foreign = pin_only(kPin);
  foreign.request = asked.request.id;
  foreign.answer = other.answer(question, true);
  foreign.answer_key = asked.answer_key;
  CHECK(refused(manifest, foreign) == "factor-refused factor-refused");
  CHECK(store::attempts_of(*database, "alice") == 3);
}

TEST_CASE_METHOD(Scal2, "PIN and TOTP are not enough, and no try") {
  const Manifest manifest = documents({"a.pdf"});
  CHECK(refused(manifest, presented(kPin, code())) == "input-needed factor-missing");
  CHECK(store::attempts_of(*database, "alice") == 0);
}

TEST_CASE_METHOD(Scal2, "the device's refusal ends it, is on record and no try") {
  const Manifest manifest = documents({"a.pdf"});
  CHECK(refused(manifest, answered(ask(manifest), false)) == "policy-refused device-refused");
  CHECK(store::attempts_of(*database, "alice") == 0);
}

TEST_CASE_METHOD(Scal2, "an answer is good once") {
  const Manifest manifest = documents({"a.pdf"});
  const Asked asked = ask(manifest);
  approve(manifest, answered(asked));
  CHECK(refused(manifest, answered(asked)) == "policy-refused request-unknown");
}

TEST_CASE_METHOD(Scal2, "an answer is good for the manifest that was shown, and no other") {
  const Asked asked = ask(documents({"a.pdf"}));
  CHECK(refused(documents({"b.pdf"}), answered(asked)) == "policy-refused request-of-another");
  CHECK(refused(documents({"a.pdf", "b.pdf"}), answered(asked)) ==
        "policy-refused request-of-another");
}

TEST_CASE_METHOD(Scal2, "an answer to an expired request is refused") {
  const Manifest manifest = documents({"a.pdf"});
  const Asked asked = ask(manifest);
  clock.advance(std::chrono::seconds(300));
  CHECK(refused(manifest, answered(asked)) == "policy-refused request-expired");
}

TEST_CASE_METHOD(Scal2, "a request made in the future is refused: the clock stepped back") {
  const Manifest manifest = documents({"a.pdf"});
  const Asked asked = ask(manifest);
  clock.advance(std::chrono::seconds(-11));
  CHECK(refused(manifest, answered(asked)) == "policy-refused clock-stepped-back");
}

TEST_CASE_METHOD(Scal2, "an outsider learns nothing of requests: all is a wrong factor") {
  const Manifest manifest = documents({"a.pdf"});
  const Asked asked = ask(manifest, AnswerKey::with_caller, kOutsider);
  approve(manifest, answered(asked), kOutsider);
  CHECK(refused(manifest, answered(asked), kOutsider) == "factor-refused factor-refused");
}

TEST_CASE_METHOD(Scal2, "the answer's key may lie in the store; then the answer may not") {
  const Manifest manifest = documents({"a.pdf"});
  const Asked asked = ask(manifest, AnswerKey::in_store);
  CHECK_FALSE(asked.answer_key);
  const Presented factors = answered(asked);
  CHECK(error_in([&] { module().deliver(asked.request.id, factors.answer); }).fault ==
        Fault::policy_refused);
  approve(manifest, factors);
}

TEST_CASE_METHOD(Scal2, "the answer may pass through the store; its key then may not") {
  const Manifest manifest = documents({"a.pdf"});
  const Asked asked = ask(manifest);
  CHECK_FALSE(module().answer_to(asked.request.id));
  module().deliver(asked.request.id, device.answer(asked.questions.at(0), true));
  CHECK(fault_of([&] {
          module().deliver(asked.request.id, device.answer(asked.questions.at(0), false));
        }) == "already-exists");
  Presented factors = pin_only(kPin);
  factors.request = asked.request.id;
  factors.answer = module().answer_to(asked.request.id).value();
  factors.answer_key = asked.answer_key;
  approve(manifest, factors);
  CHECK(fault_of([&] { module().answer_to(asked.request.id); }) == "not-found");
}

TEST_CASE_METHOD(Scal2, "an OCRA code is a MAC over the request; the share comes in a file") {
  require("pin+ocra");
  add_factor("ocra", seal_seed(*session, "alice", Secret::copy_of(ocra_seed), "ocra"));
  const Manifest manifest = documents({"a.pdf"});
  const Asked asked = ask(manifest);
  Presented factors = presented(kPin, ocra_code(ocra_seed, request_hash(asked.request)));
  factors.request = asked.request.id;
  CHECK(refused(manifest, factors) == "input-needed factor-missing");
  factors.share = share.clone();
  approve(manifest, factors);
  const Asked again = ask(manifest);
  factors.request = again.request.id;  // the old code
  CHECK(refused(manifest, factors) == "factor-refused factor-refused");
}

TEST_CASE_METHOD(Scal2, "a sent code is good for its request, in any writing") {
  require("pin+oob");
  add_factor("oob", to_bytes(as_bytes("alice@example.org")));
  const Manifest manifest = documents({"a.pdf"});
  const Asked asked = ask(manifest), other = ask(manifest);
  const auto with = [&](const Asked& to, const Secret& code) {
    Presented out = pin_only(kPin);
    out.otp = code.clone();
    out.request = to.request.id;
    out.share = share.clone();
    return out;
  };
  CHECK(refused(manifest, with(asked, *other.sent_code)) == "factor-refused factor-refused");
  std::string typed(asked.sent_code->text());
  typed.insert(3, " - ");
  for (char& c : typed) c = static_cast<char>(std::tolower(c));
  approve(manifest, with(asked, secret(typed)));
  CHECK(refused(manifest, with(asked, *asked.sent_code)) == "policy-refused request-unknown");
}

TEST_CASE_METHOD(Scal2, "an approval under 64 parallel answers succeeds once") {
  policy.wrong_tries = 100;
  const Manifest manifest = documents({"a.pdf"});
  const Asked asked = ask(manifest);
  const Presented factors = answered(asked);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i)
    threads.emplace_back([&] {
      const auto connection = store::Database::open(path, store::Database::Open::existing);
      SignatureActivationModule module(*connection, clock, session, policy);
      if (fault_of([&] { module.authorize(kStaff, "alice", key, manifest, factors); }) == "none")
        ++right;
    });
  for (auto& thread : threads) thread.join();
  CHECK(right == 1);
}

TEST_CASE_METHOD(Scal2, "an approval is bound to its row: nobody makes one or puts it elsewhere") {
  const Manifest manifest = documents({"a.pdf"});
  const Approval approval = approve(manifest, answered(ask(manifest)));
  SECTION("another end of time") {
    tamper("UPDATE approvals SET expires_at = expires_at + 1");
  }
  SECTION("another manifest") {
    tamper("UPDATE approvals SET manifest_sha256 = zeroblob(32)");
  }
  SECTION("another count") {
    tamper("UPDATE approvals SET allowed = 2");
  }
  SECTION("no seal") {
    tamper("UPDATE approvals SET sealed = x''");
  }
  CHECK(refusal_of([&] { sign(approval, manifest); }) == "tampered approval-forged");
}

TEST_CASE_METHOD(Scal2, "whoever writes the store adds no document to an approval") {
  const Manifest manifest = documents({"a.pdf"});
  const Approval approval = approve(manifest, answered(ask(manifest)));
  const Manifest other = documents({"b.pdf"});
  database->prepare("INSERT INTO approval_hashes SELECT approval_id, 1, ?, 0 FROM approval_hashes")
      .bind(entry_hash(other, 0))
      .run();
  CHECK(refusal_of([&] { sign(approval, other); }) == "policy-refused hash-not-approved");
}

TEST_CASE_METHOD(Scal2, "another PIN: the old one opens nothing any more, the share is the same") {
  policy.pin_cost = {65536, 1, 1};
  change_pin(kPin, "975310", with_share());
  CHECK(store::find_key(*database, key)->blob.size() > 0);
  const Manifest manifest = documents({"a.pdf"});
  CHECK(refused(manifest, answered(ask(manifest))) == "factor-refused factor-refused");
  approve(manifest, answered(ask(manifest), true, "975310"));
}

TEST_CASE_METHOD(Scal2, "the device can bring the share for another PIN") {
  policy.pin_cost = {65536, 1, 1};
  const Asked asked = module().ask(kStaff, "alice", key, nullptr, AnswerKey::with_caller);
  change_pin(kPin, "975310", answered(asked));
  // An answer for a PIN signs nothing, and the other way round.
  const Manifest manifest = documents({"a.pdf"});
  const Asked pin = module().ask(kStaff, "alice", key, nullptr, AnswerKey::with_caller);
  CHECK(refused(manifest, answered(pin, true, "975310")) == "policy-refused request-of-another");
}

TEST_CASE_METHOD(Scal2, "a wrong PIN for another PIN is a try; a missing share is none") {
  CHECK(refusal_of([&] { change_pin(kPin, "975310", Presented()); }) ==
        "input-needed factor-missing");
  CHECK(store::attempts_of(*database, "alice") == 0);
  CHECK(refusal_of([&] { change_pin("135790", "975310", with_share()); }) ==
        "factor-refused factor-refused");
  CHECK(store::attempts_of(*database, "alice") == 1);
}

TEST_CASE_METHOD(Scal2, "another PIN is everywhere at once: the verifier and every sealed key") {
  policy.pin_cost = {65536, 1, 1};
  policy.wrong_tries = 2;  // a key each is no try each
  std::map<std::string, Presented> shares;
  shares[key] = with_share();
  const std::string first = key;
  key = seal_for("alice");
  CHECK(refusal_of([&] {
          module().change_pin(kStaff, "alice", secret(kPin), std::move(shares), secret("975310"));
        }) == "input-needed factor-missing");
  const Bytes before = store::find_key(*database, first)->blob;
  shares.clear();
  shares[first] = with_share();  // the other key's
  shares[key] = with_share();
  CHECK(refusal_of([&] {
          module().change_pin(kStaff, "alice", secret(kPin), std::move(shares), secret("975310"));
        }) == "factor-refused factor-refused");
  CHECK(store::find_key(*database, first)->blob == before);
  shares.clear();
  shares[first] = Presented();
  shares[first].share = first_share.clone();
  shares[key] = with_share();
  module().change_pin(kStaff, "alice", secret(kPin), std::move(shares), secret("975310"));
  CHECK(store::attempts_of(*database, "alice") == 0);
  CHECK_FALSE(store::find_key(*database, first)->blob == before);
  Presented pin;
  pin.pin = secret("975310");
  module().check_factors(kStaff, "alice", pin, false);  // the verifier
  require("pin+ocra");
  add_factor("ocra", seal_seed(*session, "alice", Secret::copy_of(ocra_seed), "ocra"));
  const Manifest manifest = documents({"a.pdf"});
  const Asked asked = ask(manifest);
  Presented factors = presented("975310", ocra_code(ocra_seed, request_hash(asked.request)));
  factors.request = asked.request.id;
  factors.share = share.clone();
  approve(manifest, factors);
}

TEST_CASE_METHOD(Scal2, "where the verifier knows another PIN than the key, neither is changed") {
  policy.pin_cost = {65536, 1, 1};
  const auto rows = store::factors_of(*database, "alice");
  const Bytes other = make_pin_verifier_for_tests(*session, "alice", secret("135790"), kQuick);
  commit([&](store::Transaction& t) { store::set_factor_data(t, rows.at(0).id, other); });
  for (const char* pin : {"135790", "246813"})
    CHECK(refusal_of([&] { change_pin(pin, "975310", with_share()); }) ==
          "factor-refused factor-refused");
  CHECK(store::factors_of(*database, "alice").at(0).data == other);
}

TEST_CASE_METHOD(Scal2, "an outsider who brings no share has a wrong factor, whoever he names") {
  for (const char* name : {"alice", "nobody"})
    CHECK(refusal_of([&] {
            module().change_pin(kOutsider, name, secret(kPin), {}, secret("975310"));
          }) == "factor-refused factor-refused");
}

TEST_CASE_METHOD(Scal2, "seventeen requests of one signer do not wait at a time") {
  const Manifest manifest = documents({"a.pdf"});
  for (int i = 0; i < 16; ++i) ask(manifest);
  CHECK(refusal_of([&] { ask(manifest); }) == "busy too-many-requests");
  clock.advance(std::chrono::seconds(301));
  ask(manifest);
}

TEST_CASE_METHOD(Scal2, "suspension and revocation refuse the next signature under a given SAD") {
  const Manifest manifest = documents({"a.pdf"});
  const Approval approval = approve(manifest, answered(ask(manifest)));
  SECTION("suspended") {
    commit([](store::Transaction& t) { store::set_user_state(t, "alice", "suspended"); });
    CHECK(refusal_of([&] { sign(approval, manifest); }) == "policy-refused signer-suspended");
  }
  SECTION("revoked") {
    commit([&](store::Transaction& t) {
      store::revoke_certificate(t, serial, clock.now(), "keyCompromise");
    });
    CHECK(refusal_of([&] { sign(approval, manifest); }) == "policy-refused certificate-revoked");
  }
  SECTION("group suspended") {
    auto group = store::find_group(*database, "default").value();
    group.state = "suspended";
    commit([&](store::Transaction& t) { store::update_group(t, group); });
    CHECK(refusal_of([&] { sign(approval, manifest); }) == "policy-refused group-suspended");
  }
  CHECK(refusal_of([&] { sign(approval, manifest); }) == "policy-refused approval-unknown");
}

TEST_CASE_METHOD(Scal2, "a group is stricter than the TSP, never laxer") {
  auto group = store::find_group(*database, "default").value();
  group.documents = 1;
  group.bare_hashes = false;
  group.approval_seconds = 60;
  commit([&](store::Transaction& t) { store::update_group(t, group); });
  CHECK(refusal_of([&] {
          ask(documents({"a.pdf", "b.pdf"}));
        }) == "policy-refused manifest-too-long");
  Manifest bare;
  bare.entries.push_back({"", {}, Bytes(32, 1), {}});
  CHECK(refusal_of([&] { ask(bare); }) == "policy-refused manifest-bare");
  const Manifest manifest = documents({"a.pdf"});
  const Approval approval = approve(manifest, answered(ask(manifest)));
  CHECK(approval.expires_at - clock.now() == std::chrono::seconds(60));
  group.approval_seconds = 3600;
  commit([&](store::Transaction& t) { store::update_group(t, group); });
  CHECK(approve(manifest, answered(ask(manifest))).expires_at - clock.now() ==
        std::chrono::seconds(300));
}

TEST_CASE_METHOD(Scal2, "every call is on the group's account") {
  const Manifest manifest = documents({"a.pdf", "b.pdf"});
  sign(approve(manifest, answered(ask(manifest))), manifest);
  refused(manifest, answered(ask(manifest), true, "135790"));
  const auto day = to_unix_ms(clock.now()) / (24 * 3600 * 1000);
  std::map<std::string, std::int64_t> calls;
  for (const auto& row : store::accounts_of(*database, "default", day, day))
    calls[row.operation + " " + row.outcome] = row.calls;
  CHECK(calls.at("sign.request done") == 2);
  CHECK(calls.at("sign.authorize done") == 1);
  CHECK(calls.at("sign done") == 2);
  CHECK(calls.at("sign.authorize refused") == 1);
}
