// Windows for machines on a founded TSP: who may open and approve them, and what is refused.
#include "ops/seals.h"

#include <fmt/format.h>

#include "ops/groups.h"
#include "ops/keys.h"
#include "ops/users.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/template_home.h"

using namespace tsp;
using namespace std::chrono_literals;

namespace {

struct Seals {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  SystemClock clock;
  std::unique_ptr<ops::Provider> provider = called_by("uid:7");
  std::string key;

  Seals() {
    enrol("acme", "legal");
    key = ops::generate_key(*provider, order_key("acme")).row.id;
  }
  std::unique_ptr<ops::Provider> called_by(const std::string& caller) {
    return std::make_unique<ops::Provider>(
        home, ops::Config(), ops::World{clock, nullptr, nullptr, caller, TSP_SOURCE_DIR "/config"});
  }
  // One process has one login: who calls now takes the place of who called before.
  ops::Provider& as(const std::string& caller) {
    if (provider->world().caller != caller) {
      provider.reset();
      provider = called_by(caller);
    }
    return *provider;
  }
  ops::Provider& olga() { return as("uid:7"); }
  ops::Provider& otto() { return as("uid:8"); }
  static ops::GenerateKey order_key(const std::string& user) {
    ops::GenerateKey order;
    order.user = user;
    return order;
  }
  void enrol(const std::string& name, const std::string& kind) {
    ops::EnrollUser order;
    order.name = name;
    order.kind = kind;
    order.common_name = name;
    if (kind == "legal") {
      order.organization = name;
      order.organization_id = "VATLU-12345678";
    }
    order.country = "LU";
    order.pin = Secret::copy_of(as_bytes("864209"));
    order.hand_out = [](const Secret&) {};
    ops::enroll_user(olga(), order);
  }
  void ask_for(std::int64_t operators) {
    ops::EditGroup order;
    order.name = "default";
    order.seal_operators = operators;
    ops::set_group(olga(), order);
  }
  ops::OpenSealWindow order(const std::string& user = "acme") {
    ops::OpenSealWindow order;
    order.user = user;
    order.not_after = clock.now() + 1h;
    order.count = 10;
    order.hand_out = [](const Secret&) {};
    return order;
  }
  ops::SealWindow open(const ops::OpenSealWindow& request) {
    return ops::open_seal_window(olga(), request);
  }
  // Fault and reason on record.
  std::string refused(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& error) {
      const std::string fault(fault_row(error.fault).name);
      if (!error.audit_seq) return fault;
      const auto record =
          audit::find(provider->database(), static_cast<std::int64_t>(*error.audit_seq)).value();
      return fault + " " + record.event.details.at("reason").get<std::string>();
    }
    return "none";
  }
  std::string refused_to_open(const ops::OpenSealWindow& request) {
    return refused([&] { open(request); });
  }
};

}  // namespace

TEST_CASE_METHOD(Seals, "one operator opens a window where one is enough") {
  const auto window = open(order());
  CHECK(window.state == sam::SealWindowState::open);
  CHECK(window.row.key == key);
  const auto record = audit::find(olga().database(), window.audit_seq).value();
  CHECK(record.event.event == "seal.open");
  CHECK(record.event.actor == "uid:7");
  CHECK(record.event.details.at("count") == 10);
}

TEST_CASE_METHOD(Seals, "of two operators the second is another one, and both are on record") {
  ask_for(2);
  const auto window = open(order());
  const std::string id = to_hex(window.row.id);
  CHECK(window.state == sam::SealWindowState::unapproved);
  CHECK(refused([&] { ops::approve_seal_window(olga(), id, false); }) ==
        "policy-refused same-operator");
  const auto approved = ops::approve_seal_window(otto(), id.substr(0, 8), false);
  CHECK(approved.state == sam::SealWindowState::open);
  CHECK(sam::approvers_of(approved.row) == std::vector<std::string>{"uid:7", "uid:8"});
  const auto record = audit::find(olga().database(), approved.audit_seq).value();
  CHECK(record.event.event == "seal.approve");
  CHECK(record.event.actor == "uid:8");
  CHECK(refused([&] { ops::approve_seal_window(otto(), id, false); }) ==
        "policy-refused window-open");
}

TEST_CASE_METHOD(Seals, "a window is closed once and stays so") {
  const auto window = open(order());
  const std::string id = to_hex(window.row.id);
  CHECK(ops::close_seal_window(otto(), id, true).state == sam::SealWindowState::open);
  CHECK(ops::close_seal_window(otto(), id, false).state == sam::SealWindowState::closed);
  CHECK(ops::close_seal_window(otto(), id, false).audit_seq == 0);
  CHECK(refused([&] { ops::approve_seal_window(otto(), id, false); }) ==
        "policy-refused window-closed");
  CHECK(ops::list_seal_windows(olga(), "acme").at(0).row.credential_mac.empty());
}

TEST_CASE_METHOD(Seals,
                 "no window for a natural person, a foreign key, or where none are allowed") {
  CHECK(refused_to_open(order("alice")) == "policy-refused not-a-legal-person");
  CHECK(refused_to_open(order("nobody")) == "not-found");
  auto foreign = order();
  foreign.key = store::keys_of(olga().database(), "alice").at(0).id;
  CHECK(refused_to_open(foreign) == "policy-refused foreign-key");
  ask_for(0);
  CHECK(refused_to_open(order()) == "policy-refused no-machines");
  ask_for(1);
  ops::suspend_user(olga(), "acme", false);
  CHECK(refused_to_open(order()) == "policy-refused user-suspended");
}

TEST_CASE_METHOD(Seals, "windows keep to the bounds of the configuration") {
  auto request = order();
  request.not_after = clock.now() + 25h;
  CHECK(refused_to_open(request) == "policy-refused above-configuration");
  request = order();
  request.count = 10001;
  CHECK(refused_to_open(request) == "policy-refused above-configuration");
  request = order();
  request.count = 0;
  CHECK(refused_to_open(request) == "usage");
  request = order();
  request.not_after = clock.now() - 1s;
  CHECK(refused_to_open(request) == "usage");
}

TEST_CASE_METHOD(Seals, "a credential that could not be handed out opens nothing") {
  auto request = order();
  request.hand_out = [](const Secret&) { throw Error(Fault::output_failed, "the disk is full"); };
  CHECK(refused_to_open(request) == "output-failed");
  CHECK(ops::list_seal_windows(olga(), "").empty());
  request.dry_run = true;
  CHECK(open(request).audit_seq == 0);
  CHECK(ops::list_seal_windows(olga(), "").empty());
}
