// Tries: counted before the check, told to the signer, never telling which factor was wrong.
#include <map>
#include <mutex>
#include <thread>

#include "activation_fixture.h"
#include "sam/context.h"

using namespace tsp;
using namespace tsp::sam;

TEST_CASE_METHOD(Tsp, "a wrong PIN, a wrong code and both wrong look the same") {
  const Manifest manifest = documents({"a.pdf"});
  const auto text = [&](std::string_view pin, std::string_view otp) {
    const Error error =
        error_in([&] { module().authorize(kStaff, "alice", key, manifest, presented(pin, otp)); });
    const auto record = audit::find(*database, static_cast<std::int64_t>(*error.audit_seq)).value();
    commit([](store::Transaction& t) { store::clear_attempts(t, "alice"); });
    return error.message + "|" + error.next + "|" + record.event.details.dump();
  };
  const std::string pin_wrong = text("135790", code());
  CHECK(pin_wrong == text(kPin, "000000"));
  CHECK(pin_wrong == text("135790", "000000"));
  CHECK_THAT(pin_wrong, ContainsSubstring("4 tries left"));
}

TEST_CASE_METHOD(Tsp, "a wrong PIN does not use up the code") {
  CHECK(try_with("135790", code()) == "factor-refused factor-refused");
  CHECK(try_with(kPin, code()) == "usage without record");
}

TEST_CASE_METHOD(Tsp, "the fifth wrong try locks and the sixth is refused with the right PIN") {
  for (int i = 0; i < 4; ++i) CHECK(try_with("135790", code()) == "factor-refused factor-refused");
  CHECK(try_with("135790", code()) == "locked-out factor-refused");
  CHECK(try_with(kPin, code()) == "locked-out locked");
}

TEST_CASE_METHOD(Tsp, "a right try begins the count anew") {
  for (int i = 0; i < 4; ++i) try_with("135790", code());
  authorize(documents({"a.pdf"}));
  CHECK(store::attempts_of(*database, "alice") == 0);
}

TEST_CASE_METHOD(Tsp, "tries survive a restart") {
  for (int i = 0; i < 5; ++i) try_with("135790", code());
  database.reset();
  database = store::Database::open(path, store::Database::Open::existing);
  CHECK(try_with(kPin, code()) == "locked-out locked");
}

TEST_CASE_METHOD(Tsp, "a code is good once, also for another manifest") {
  const std::string once = code();
  authorize(documents({"a.pdf"}));
  CHECK(refusal_of([&] {
          module().authorize(kStaff, "alice", key, documents({"b.pdf"}), presented(kPin, once));
        }) == "factor-refused factor-refused");
}

TEST_CASE_METHOD(Tsp, "the code of one step back is taken, of two steps back refused") {
  const std::string older = code();
  next_code();
  const std::string old = code();
  next_code();
  CHECK(try_with(kPin, older) == "factor-refused factor-refused");
  CHECK(try_with(kPin, old) == "usage without record");
}

TEST_CASE_METHOD(Tsp, "a missing factor is asked for and costs no try") {
  CHECK(refusal_of([&] {
          module().authorize(kStaff, "alice", key, documents({"a.pdf"}), pin_only(kPin));
        }) == "input-needed factor-missing");
  CHECK(store::attempts_of(*database, "alice") == 0);
}

TEST_CASE_METHOD(Tsp, "a name that nobody has looks like a wrong PIN: 5, then 6") {
  // Four callers: one alone would have to wait after his third.
  const auto outsider = [](int n) { return Caller{"uid:" + std::to_string(1000 + n), false}; };
  for (int i = 0; i < 4; ++i)
    CHECK(try_with(kPin, code(), outsider(i), "nobody") == "factor-refused factor-refused");
  CHECK(try_with(kPin, code(), outsider(4), "nobody") == "locked-out factor-refused");
  CHECK(try_with(kPin, code(), outsider(5), "nobody") == "locked-out locked");
  CHECK(try_with(kPin, code(), kStaff, "nobody") == "not-found signer-unknown");
}

TEST_CASE_METHOD(Tsp, "a name that no signer can have is on record as its digest") {
  const std::string name = "x\nnobody " + std::string(500, 'y');
  const Error error = error_in([&] {
    module().authorize(kOutsider, name, key, documents({"a.pdf"}), presented(kPin, code()));
  });
  const auto record = audit::find(*database, static_cast<std::int64_t>(*error.audit_seq)).value();
  CHECK(record.event.subject == "sha256:" + to_hex(crypto::sha256(as_bytes(name))));
}

TEST_CASE_METHOD(Tsp, "an outsider learns of a suspension only with the right factors") {
  commit([](store::Transaction& t) { store::set_user_state(t, "alice", "suspended"); });
  CHECK(try_with("135790", code(), kOutsider) == "factor-refused factor-refused");
  const std::string once = code();
  CHECK(try_with(kPin, once, kOutsider) == "policy-refused signer-suspended");
  CHECK(store::attempts_of(*database, "alice") == 0);
  CHECK(try_with(kPin, once, kOutsider) == "factor-refused factor-refused");
}

TEST_CASE_METHOD(Tsp, "the HSM's failure costs no try") {
  session->destroy_key(kPepperKey);
  CHECK(error_in([&] { authorize(documents({"a.pdf"})); }).fault != Fault::factor_refused);
  CHECK(store::attempts_of(*database, "alice") == 0);
}

TEST_CASE_METHOD(Tsp, "factors alone are counted and recorded the same way") {
  module().check_factors(kStaff, "alice", pin_only(kPin), false);
  const auto wrong = [&] {
    return refusal_of([&] { module().check_factors(kStaff, "alice", pin_only("135790"), false); });
  };
  for (int i = 0; i < 4; ++i) CHECK(wrong() == "factor-refused factor-refused");
  CHECK(wrong() == "locked-out factor-refused");
  CHECK(log().front() == "user.authenticate done");
  CHECK(log().back() == "user.authenticate refused");
}

namespace {

// Runs `act` in `threads` threads at once, each with a connection of its own; counts the faults.
std::map<std::string, int> at_once(Tsp& tsp, int threads, const Manifest& manifest,
                                   std::string_view pin, const std::string& otp) {
  std::mutex lock;
  std::map<std::string, int> faults;
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i)
    running.emplace_back([&] {
      const auto connection = store::Database::open(tsp.path, store::Database::Open::existing);
      SignatureActivationModule module(*connection, tsp.clock, tsp.session, tsp.policy);
      const std::string fault = fault_of(
          [&] { module.authorize(kStaff, "alice", tsp.key, manifest, Tsp::presented(pin, otp)); });
      const std::lock_guard guard(lock);
      ++faults[fault];
    });
  for (std::thread& thread : running) thread.join();
  return faults;
}

}  // namespace

TEST_CASE_METHOD(Tsp, "of two whose code was found right at once the second is refused") {
  Context context{*database, clock, session, policy};
  const std::string signer = "alice";
  const Task task{
      kStaff, signer, std::nullopt, Ask::sign, Bytes(32), 0, {Factor::pin, Factor::totp}};
  const Presented factors = presented(kPin, code());
  const Trial first = try_factors(context, task, factors, clock.now());
  const Trial second = try_factors(context, task, factors, clock.now());
  commit([&](store::Transaction& t) { accept(context, t, task, first); });
  const Error error =
      error_in([&] { commit([&](store::Transaction& t) { accept(context, t, task, second); }); });
  CHECK(error.fault == Fault::factor_refused);
}

TEST_CASE_METHOD(Tsp, "a caller, not staff, waits after three failures of his own, ever longer") {
  const auto guess = [&](const std::string& signer) {
    return try_with("135790", code(), kOutsider, signer);
  };
  for (const char* signer : {"alice", "bob", "carol"})
    CHECK(guess(signer) == "factor-refused factor-refused");
  CHECK(guess("dave") == "busy caller-throttled");
  CHECK(store::attempts_of(*database, "dave") == 0);
  clock.advance(std::chrono::seconds(30));
  CHECK(guess("dave") == "factor-refused factor-refused");
  clock.advance(std::chrono::seconds(59));
  CHECK(guess("erin") == "busy caller-throttled");
  clock.advance(std::chrono::seconds(1));
  CHECK(try_with(kPin, code(), kOutsider) == "usage without record");
  CHECK(guess("erin") == "factor-refused factor-refused");
}

TEST_CASE_METHOD(Tsp, "a name that nobody vouches for neither guesses nor locks") {
  const Caller nobody{"198.51.100.7", false, false};
  for (int i = 0; i < 6; ++i)
    CHECK(try_with(kPin, code(), nobody) == "not-permitted caller-not-authenticated");
  CHECK(store::attempts_of(*database, "alice") == 0);
}

TEST_CASE_METHOD(Tsp, "of 64 who race one code one succeeds") {
  policy.wrong_tries = 100;
  auto faults = at_once(*this, 64, documents({"a.pdf"}), kPin, code());
  CHECK(faults["none"] == 1);
  CHECK(faults["factor-refused"] + faults["busy"] == 63);
}

TEST_CASE_METHOD(Tsp, "parallel guesses give five evaluations and no more") {
  const auto faults = at_once(*this, 16, documents({"a.pdf"}), "135790", code());
  CHECK(faults.at("factor-refused") == 4);
  CHECK(faults.at("locked-out") == 12);
  CHECK(store::attempts_of(*database, "alice") == 5);
}

TEST_CASE_METHOD(Tsp, "of a thousand parallel guesses five are evaluated, the right one no more") {
  // Forty connections that all know a right code; the PIN is right from the sixth guess on.
  std::map<std::string, int> faults;
  for (int round = 0; round < 25; ++round) {
    const auto some =
        at_once(*this, 40, documents({"a.pdf"}), round == 0 ? "135790" : kPin, code());
    for (const auto& [fault, count] : some) faults[fault] += count;
  }
  CHECK(faults["none"] == 0);
  CHECK(faults["factor-refused"] == 4);
  CHECK(faults["locked-out"] + faults["busy"] == 996);
  CHECK(store::attempts_of(*database, "alice") == 5);
  int evaluated = 0;
  audit::each(*database, 0, [&](const audit::Record& record) {
    evaluated += record.event.details.value("reason", "") == "factor-refused" ? 1 : 0;
    return true;
  });
  CHECK(evaluated == 5);
}
