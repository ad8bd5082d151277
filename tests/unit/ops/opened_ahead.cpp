// The HSM and the store while a command does something else.
#include <unistd.h>

#include "ops/provider.h"
#include "sam/factors.h"
#include "store/settings.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/fixed_clock.h"
#include "support/template_home.h"
#include "unit/hsm/expect.h"

using namespace tsp;

namespace {

struct Opened {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  test::FixedClock clock{SystemClock().now()};
  std::optional<ops::Provider> provider;

  Opened() {
    provider.emplace(home, ops::Config{},
                     ops::World{clock, nullptr, nullptr, "uid:0", TSP_SOURCE_DIR "/config"},
                     ops::Ahead::hsm);
  }
  Fault failure_of(const std::string& role) {
    return hsm::error_in([&] { provider->session(role); }).fault;
  }
};

}  // namespace

TEST_CASE_METHOD(Opened, "a session that was begun ahead is the one that is given") {
  provider->log_in_ahead("signers");
  provider->log_in_ahead("signers");
  const auto session = provider->session("signers");
  CHECK(session == provider->session("signers"));
  CHECK(session->token().label == "tsp-signers");
}

TEST_CASE_METHOD(Opened, "what a login ahead met is told where that token is asked for alone") {
  REQUIRE(::unlink(home.pin("signers").c_str()) == 0);
  provider->log_in_ahead("signers");
  CHECK(provider->session("pki")->token().label == "tsp-pki");
  CHECK(failure_of("signers") == Fault::input_needed);
  CHECK(failure_of("signers") == Fault::input_needed);
}

TEST_CASE_METHOD(Opened, "a provider may go whatever was begun") {
  SECTION("the module") {}
  SECTION("a login") {
    provider->log_in_ahead("signers");
  }
  SECTION("a login that fails") {
    REQUIRE(::unlink(home.pin("signers").c_str()) == 0);
    provider->log_in_ahead("signers");
  }
  SECTION("its rest") {
    provider->rest();
  }
  provider.reset();
}

// What closes it is the thread beside: who asks again gets a session of its own.
TEST_CASE_METHOD(Opened, "an HSM that was closed for a rest is opened for whoever asks again") {
  provider->log_in_ahead("signers");
  std::weak_ptr<hsm::Session> before = provider->session("signers");
  provider->rest();
  provider->database();  // waits
  CHECK(before.expired());
  CHECK(provider->session("signers")->token().label == "tsp-signers");
  provider->rest();
  CHECK(provider->session("pki")->token().label == "tsp-pki");
  provider->rest();
  CHECK(provider->module());
}

TEST_CASE_METHOD(Opened, "a session that somebody holds outlives a rest") {
  provider->log_in_ahead("signers");
  const auto held = provider->session("signers");
  provider->rest();
  provider->database();  // waits
  CHECK(held->has_key(sam::kLinkKey));
  CHECK(provider->session("signers")->has_key(sam::kLinkKey));
}

TEST_CASE_METHOD(Opened, "a store that rests is whole for others, and there when it is asked") {
  const auto set = [&](const std::string& value) {
    store::Transaction transaction(provider->database());
    store::set_setting(transaction, "rests", value);
    transaction.commit();
  };
  for (const std::string value : {"one", "two", "three"}) {
    set(value);
    provider->rest();
    const auto other = store::Database::open(home.database(), store::Database::Open::existing);
    CHECK(store::setting(*other, "rests") == value);
    CHECK(store::setting(provider->database(), "rests") == value);
  }
  provider->rest();
  provider.reset();
  const auto again = store::Database::open(home.database(), store::Database::Open::read_only);
  CHECK(store::setting(*again, "rests") == "three");
}
