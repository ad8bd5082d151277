// The code that a registered signer activates with.
#include "sam/enrolment.h"

#include <atomic>
#include <thread>

#include "activation_fixture.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

struct Registered : Tsp {
  Secret code = make_enrolment_code();
  int prepared = 0;

  Registered() { register_as("bob", code); }
  void register_as(const std::string& name, const Secret& its_code) {
    store::UserRow user;
    user.name = name;
    user.kind = "natural";
    user.group = "default";
    user.common_name = name;
    user.state = "registered";
    user.created_at = clock.now();
    commit([&](store::Transaction& t) {
      store::insert_user(t, user);
      store::put_enrolment(t, {name, enrolment_code_mac(*session, name, its_code), "1.0",
                               clock.now() + kEnrolmentLifetime});
    });
  }
  void activate(const Secret& given, const Caller& caller = kStaff,
                const std::string& name = "bob") {
    module().activate(
        caller, name, given, [&] { ++prepared; },
        [&](store::Transaction& t) {
          audit::Event event;
          event.event = "user.activate";
          event.actor = caller.name;
          event.subject = name;
          return audit::append(t, clock.now(), event);
        });
  }
  std::string refused(const Secret& given, const Caller& caller = kStaff,
                      const std::string& name = "bob") {
    return refusal_of([&] { activate(given, caller, name); });
  }
  std::string state() { return store::find_user(*database, "bob")->state; }
};

}  // namespace

TEST_CASE("an enrolment code is four groups of five, of 32 characters each") {
  const Secret code = make_enrolment_code(), other = make_enrolment_code();
  REQUIRE(code.size() == 23);
  for (std::size_t at = 0; at < code.size(); ++at)
    CHECK(
        std::string(at % 6 == 5 ? "-" : "23456789ABCDEFGHJKLMNPQRSTUVWXYZ").find(code.text()[at]) !=
        std::string::npos);
  CHECK_FALSE(code.text() == other.text());
}

TEST_CASE_METHOD(Registered, "the code makes its signer active, once") {
  activate(code);
  CHECK(prepared == 1);
  CHECK(state() == "active");
  CHECK_FALSE(store::find_enrolment(*database, "bob"));
  CHECK(refused(code) == "policy-refused not-registered");
  CHECK(refused(code, kOutsider) == "factor-refused factor-refused");
}

TEST_CASE_METHOD(Registered, "the code may be typed in small letters, with blanks or nothing") {
  std::string typed;
  for (const char c : code.text())
    if (c != '-') typed += static_cast<char>(std::tolower(c));
  typed.insert(7, "  ");
  activate(secret(typed));
  CHECK(state() == "active");
}

TEST_CASE_METHOD(Registered, "a wrong code is a try, and the fifth locks the right one out") {
  for (int i = 0; i < 4; ++i)
    CHECK(refused(make_enrolment_code()) == "factor-refused factor-refused");
  CHECK(refused(make_enrolment_code()) == "locked-out factor-refused");
  CHECK(refused(code) == "locked-out locked");
  CHECK(prepared == 0);
  CHECK(state() == "registered");
}

TEST_CASE_METHOD(Registered, "nothing is a code, and another signer's is none") {
  const Secret anna = make_enrolment_code();
  register_as("anna", anna);
  CHECK(refused(secret("")) == "factor-refused factor-refused");
  CHECK(refused(anna) == "factor-refused factor-refused");
  commit([&](store::Transaction& t) {  // whoever writes the store moves one
    auto row = store::find_enrolment(*database, "anna").value();
    row.user = "bob";
    store::put_enrolment(t, row);
  });
  CHECK(refused(anna) == "factor-refused factor-refused");
}

TEST_CASE_METHOD(Registered, "a code is good for fourteen days") {
  clock.advance(kEnrolmentLifetime - std::chrono::seconds(1));
  SECTION("not yet over") {
    activate(code);
    CHECK(state() == "active");
  }
  SECTION("over") {
    clock.advance(std::chrono::seconds(1));
    CHECK(refused(code) == "policy-refused enrolment-expired");
    CHECK(refused(make_enrolment_code()) == "factor-refused factor-refused");
    CHECK(store::attempts_of(*database, "bob") == 1);
    CHECK(state() == "registered");
  }
}

TEST_CASE_METHOD(Registered, "suspended, he is not activated") {
  commit([](store::Transaction& t) { store::set_user_state(t, "bob", "suspended"); });
  CHECK(refused(code) == "policy-refused not-registered");
  CHECK(refused(make_enrolment_code(), kOutsider) == "factor-refused factor-refused");
  CHECK(refused(code, kOutsider) == "policy-refused not-registered");
}

TEST_CASE_METHOD(Registered, "an outsider cannot tell who is registered") {
  for (const char* name : {"bob", "alice", "nobody"})
    CHECK(refused(make_enrolment_code(), {std::string("uid:") + name, false}, name) ==
          "factor-refused factor-refused");
}

TEST_CASE_METHOD(Registered, "what fails before the change gives the try and the code back") {
  const Error error = error_in([&] {
    module().activate(
        kStaff, "bob", code, [] { throw Error(Fault::output_failed, "the disk is full"); },
        [](store::Transaction&) { return std::int64_t{0}; });
  });
  CHECK(error.fault == Fault::output_failed);
  CHECK(store::attempts_of(*database, "bob") == 0);
  activate(code);
  CHECK(state() == "active");
}

TEST_CASE_METHOD(Registered, "a code that was made anew meanwhile ends the old one") {
  const Error error = error_in([&] {
    module().activate(
        kStaff, "bob", code,
        [&] {
          commit([&](store::Transaction& t) {
            store::put_enrolment(t, {"bob", Bytes(32, 1), "1.0", clock.now() + kEnrolmentLifetime});
          });
        },
        [](store::Transaction&) { return std::int64_t{0}; });
  });
  CHECK(error.fault == Fault::factor_refused);
  CHECK(state() == "registered");
}

TEST_CASE_METHOD(Registered, "of sixteen who have the code at once one activates") {
  policy.wrong_tries = 100;
  std::atomic<int> right{0}, written{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&] {
      const auto connection = store::Database::open(path, store::Database::Open::existing);
      SignatureActivationModule module(*connection, clock, session, policy);
      try {
        module.activate(
            kStaff, "bob", code, [] {},
            [&](store::Transaction& t) {
              ++written;
              audit::Event event;
              event.event = "user.activate";
              event.actor = "uid:0";
              event.subject = "bob";
              return audit::append(t, clock.now(), event);
            });
        ++right;
      } catch (const Error&) {
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(right == 1);
  CHECK(written == 1);
  CHECK(state() == "active");
}
