// Who asks without being staff learns from a request neither who is a signer nor what his group
// asks for.
#include <algorithm>
#include <chrono>

#include "scal2_fixture.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

struct Asking : Scal2 {
  Manifest manifest = documents({"a.pdf"});

  Asked outsider_asks(const std::string& signer, AnswerKey where = AnswerKey::with_caller) {
    return module().ask(kOutsider, signer, key, &manifest, where);
  }
  // All of an answer that he can see, but for what is random.
  std::string visible(const Asked& asked, const std::string& signer) {
    ActivationRequest request = decode_request(encode(asked.request));
    CHECK(request.signer == signer);
    return std::to_string(request.certificate_serial.size()) + "/" +
           std::to_string((request.expires_at - request.created_at).count()) + "/" +
           to_hex(request.manifest_sha256) + "/" + request.credential + "/" + request.provider +
           "/" + std::to_string(asked.questions.size()) + "/" +
           std::to_string(asked.answer_key != nullptr);
  }
  std::string reason_of(const Asked& asked) {
    const auto record = audit::find(*database, asked.audit_seq).value();
    return record.event.details.value("reason", "done");
  }
};

}  // namespace

TEST_CASE_METHOD(Asking,
                 "a name that nobody has is asked like a real one, and on record as it is") {
  for (const AnswerKey where : {AnswerKey::with_caller, AnswerKey::in_store}) {
    const Asked real = outsider_asks("alice", where), nobody = outsider_asks("nobody", where);
    std::string expected = visible(real, "alice");
    expected = "32" + expected.substr(expected.find('/'));
    CHECK(visible(nobody, "nobody") == expected);
    CHECK(reason_of(real) == "done");
    CHECK(reason_of(nobody) == "signer-unknown");
    CHECK(nobody.request.certificate_serial == outsider_asks("nobody").request.certificate_serial);
    CHECK_FALSE(nobody.request.certificate_serial ==
                outsider_asks("nobody2").request.certificate_serial);
  }
}

TEST_CASE_METHOD(Asking, "a signer who may not sign is asked like one who may") {
  const std::string before = visible(outsider_asks("alice"), "alice");
  SECTION("suspended") {
    commit([](store::Transaction& t) { store::set_user_state(t, "alice", "suspended"); });
  }
  SECTION("revoked") {
    commit([&](store::Transaction& t) {
      store::revoke_certificate(t, serial, clock.now(), "keyCompromise");
    });
  }
  const Asked asked = outsider_asks("alice");
  CHECK(visible(asked, "alice").substr(2) == before.substr(before.find('/')));
  CHECK(error_in([&] { ask(manifest); }).fault == Fault::policy_refused);
}

TEST_CASE_METHOD(Asking, "a shorter life in the signer's group does not show, and holds") {
  const std::string before = visible(outsider_asks("alice"), "alice");
  auto group = store::find_group(*database, "default").value();
  group.approval_seconds = 60;
  commit([&](store::Transaction& t) { store::update_group(t, group); });
  const Asked asked = outsider_asks("alice");
  CHECK(visible(asked, "alice") == before);
  clock.advance(std::chrono::seconds(60));
  Presented factors = pin_only(kPin);
  factors.request = asked.request.id;
  factors.answer = device.answer(own_question(asked), true);
  factors.answer_key = asked.answer_key;
  CHECK(refused(manifest, factors) == "policy-refused request-expired");
}

TEST_CASE_METHOD(Asking, "what becomes of a request says nothing of its name either") {
  for (const char* signer : {"alice", "nobody"}) {
    const Asked asked = outsider_asks(signer);
    CHECK_FALSE(module().answer_to(asked.request.id));
    const Bytes no = device.answer({asked.request, asked.manifest, {}}, false);
    module().deliver(asked.request.id, no);
    CHECK(module().answer_to(asked.request.id) == no);
    for (int i = 0; i < 15; ++i) outsider_asks(signer);
    CHECK(refusal_of([&] { outsider_asks(signer); }) == "busy too-many-requests");
    clock.advance(std::chrono::seconds(300));
    CHECK(fault_of([&] { module().answer_to(asked.request.id); }) == "not-found");
  }
}

TEST_CASE_METHOD(Asking, "a request that nobody can answer is answered by nobody") {
  commit([](store::Transaction& t) { store::set_user_state(t, "alice", "suspended"); });
  const Asked asked = outsider_asks("alice");
  commit([](store::Transaction& t) { store::set_user_state(t, "alice", "active"); });
  Presented factors = pin_only(kPin);
  factors.request = asked.request.id;
  factors.answer = device.answer(own_question(asked), true);
  factors.answer_key = asked.answer_key;
  CHECK(refused(manifest, factors) == "policy-refused request-unknown");
}

TEST_CASE_METHOD(Asking, "what a group's policy asks for does not show in what is refused") {
  const auto said = [&](const std::string& signer, const Presented& factors) {
    const Error error =
        error_in([&] { module().authorize(kOutsider, signer, key, manifest, factors); });
    commit([&](store::Transaction& t) {
      store::clear_attempts(t, signer);
      store::clear_attempts(t, "caller:" + kOutsider.name);
    });
    return std::string(fault_row(error.fault).name) + " " + error.message + " " + error.next;
  };
  // Alice's policy is pin+device for this key; of a name that nobody has it would be pin+totp.
  const Presented pin = pin_only(kPin), both = presented(kPin, code()), nothing;
  CHECK(said("alice", pin) == said("nobody", pin));
  CHECK(said("alice", both) == said("nobody", both));
  CHECK(said("alice", nothing) == said("nobody", nothing));
  CHECK_THAT(said("alice", both), ContainsSubstring("factor-refused"));
  CHECK_THAT(said("alice", nothing), ContainsSubstring("input-needed"));
  CHECK_THAT(error_in([&] { approve(manifest, both); }).message, ContainsSubstring("pin+device"));
}

TEST_CASE_METHOD(Asking, "a name that cannot be a signer's is asked, too, and kept nowhere") {
  const std::string name = "x\n" + std::string(100, 'y');
  const Asked asked = outsider_asks(name);
  const auto record = audit::find(*database, asked.audit_seq).value();
  CHECK(record.event.subject == "sha256:" + to_hex(crypto::sha256(as_bytes(name))));
  CHECK(fault_of([&] { module().answer_to(asked.request.id); }) == "not-found");
}

TEST_CASE_METHOD(
    Asking,
    "whoever asks for a key that is not the signer's does not keep his own from being asked for") {
  const auto ask_for = [&](const std::string& other) {
    return fault_of(
        [&] { module().ask(kOutsider, "alice", other, &manifest, AnswerKey::with_caller); });
  };
  for (int i = 0; i < 16; ++i) CHECK(ask_for("nobody-key") == "none");
  CHECK(ask_for("nobody-key") == "busy");
  CHECK(ask_for(key) == "none");
}

TEST_CASE_METHOD(Asking, "asking for a name that nobody has takes about as long") {
  using Clock = std::chrono::steady_clock;
  Clock::duration real = std::chrono::hours(1), nobody = real;
  const auto time = [&](const std::string& signer, Clock::duration& least) {
    const auto begin = Clock::now();
    outsider_asks(signer);
    least = std::min(least, Clock::now() - begin);
  };
  for (int i = 0; i < 16; ++i) {
    time("alice", real);
    time("nobody", nobody);
  }
  // The least of sixteen, so that a busy machine does not matter. Without a row and a record of its
  // own the second would be a tenth of the first.
  CHECK(nobody * 3 > real);
  CHECK(nobody < real * 3);
}
