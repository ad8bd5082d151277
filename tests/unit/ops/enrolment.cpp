// Activation on a founded TSP: what fails in between changes nothing.
#include "ops/enrolment.h"

#include "support/catch.h"
#include "support/command.h"
#include "support/template_home.h"

using namespace tsp;

namespace {

struct Registered {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  SystemClock clock;
  ops::Provider provider{home, {}, {clock, nullptr, nullptr, "uid:0", TSP_SOURCE_DIR "/config"}};
  std::string code;

  Registered() {
    ops::EnrollUser request = bob();
    request.hand_out_code = [&](const Secret& made) { code = made.text(); };
    CHECK(ops::enroll_user(provider, request).state == "registered");
  }
  static ops::EnrollUser bob() {
    ops::EnrollUser request;
    request.name = "bob";
    request.common_name = "Bob Weber";
    request.two_steps = true;
    return request;
  }
  ops::ActivateUser activation() const {
    ops::ActivateUser request;
    request.user = "bob";
    request.code = Secret::copy_of(as_bytes(code));
    request.pin = Secret::copy_of(as_bytes("975310"));
    request.hand_out = [](sam::Factor, const Secret&) {};
    return request;
  }
  std::string state() { return ops::show_user(provider, "bob").row.state; }
};

}  // namespace

TEST_CASE_METHOD(Registered, "a code that could not be handed out registers nobody") {
  ops::EnrollUser request = bob();
  request.name = "carol";
  request.hand_out_code = [](const Secret&) { throw Error(Fault::output_failed, "no room"); };
  CHECK_THROWS_AS(ops::enroll_user(provider, request), Error);
  CHECK_THROWS_AS(ops::show_user(provider, "carol"), Error);
}

TEST_CASE_METHOD(Registered, "a secret that could not be handed out activates nobody") {
  ops::ActivateUser request = activation();
  request.hand_out = [](sam::Factor, const Secret&) {
    throw Error(Fault::output_failed, "no room");
  };
  CHECK_THROWS_AS(ops::activate_user(provider, request), Error);
  CHECK(state() == "registered");
  CHECK(ops::show_user(provider, "bob").factors.empty());
  CHECK(ops::activate_user(provider, activation()).factors.size() == 2);
  CHECK(state() == "active");
}

TEST_CASE_METHOD(Registered, "whatever is done to his state, only his code makes a signer active") {
  ops::suspend_user(provider, "bob", false);
  CHECK(ops::resume_user(provider, "bob", false).state == "registered");
  CHECK_THROWS_AS(ops::resume_user(provider, "bob", false), Error);
  CHECK(state() == "registered");
}
