// Groups and accounts on a founded TSP: what two callers at once and look-alike names must not do.
#include "ops/groups.h"
#include "ops/accounting.h"
#include "ops/refusals.h"
#include "ops/remove_user.h"
#include "ops/user_history.h"
#include "ops/users.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/template_home.h"

using namespace tsp;

namespace {

struct GroupTsp {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  SystemClock clock;
  ops::Provider provider{home, {}, {clock, nullptr, nullptr, "uid:0", TSP_SOURCE_DIR "/config"}};

  ops::GroupChanged set(const ops::EditGroup& request) { return ops::set_group(provider, request); }

  std::int64_t calls(const std::string& group, const std::string& operation,
                     const std::string& outcome) {
    std::int64_t sum = 0;
    for (const auto& row : ops::report_group(provider, {group, {}, {}}).calls)
      if (row.group == group && row.operation == operation && row.outcome == outcome)
        sum += row.calls;
    return sum;
  }
};

ops::EditGroup edit(const std::string& name) {
  ops::EditGroup request;
  request.name = name;
  return request;
}

}  // namespace

TEST_CASE_METHOD(GroupTsp, "only the digest of an API key is kept, and it finds the group") {
  ops::EditGroup request = edit("bank");
  request.api_key = ops::EditGroup::ApiKey::make;
  std::string shown;
  request.hand_out = [&](const Secret& key) { shown = key.text(); };
  ops::add_group(provider, request);
  CHECK(shown.starts_with("tsp_"));
  const auto digest = ops::api_key_digest(Secret::copy_of(as_bytes(shown)));
  const auto found = store::find_group_by_api_key(provider.database(), digest);
  REQUIRE(found);
  CHECK(found->name == "bank");
}

TEST_CASE_METHOD(GroupTsp, "an API key that could not be handed out changes nothing") {
  ops::EditGroup request = edit("bank");
  request.api_key = ops::EditGroup::ApiKey::make;
  request.hand_out = [](const Secret&) { throw Error(Fault::output_failed, "the disk is full"); };
  CHECK_THROWS_AS(ops::add_group(provider, request), Error);
  CHECK_THROWS_AS(ops::show_group(provider, "bank"), Error);
}

TEST_CASE_METHOD(GroupTsp, "a change keeps what somebody else changed meanwhile") {
  ops::EditGroup request = edit("default");
  request.api_key = ops::EditGroup::ApiKey::make;
  request.hand_out = [&](const Secret&) {
    ops::EditGroup other = edit("default");
    other.documents = 7;
    set(other);
  };
  CHECK(set(request).group.documents == 7);
  CHECK(ops::show_group(provider, "default").documents == 7);
}

TEST_CASE_METHOD(GroupTsp, "a limit that the configuration has since lowered is not in force") {
  ops::EditGroup request = edit("default");
  request.documents = 500;
  set(request);
  ops::Config config;
  config.set("sign.documents", "100", "a test");
  ops::Provider lowered{home, config, provider.world()};
  CHECK(ops::show_group(lowered, "default").documents == 100);
}

TEST_CASE_METHOD(GroupTsp, "each refusal is counted, also those that are not on record") {
  const auto before = audit::size(provider.database());
  for (int i = 0; i < 3; ++i)
    ops::refused(provider, {"user.pin", "alice", "weak-choice"},
                 Error(Fault::policy_refused, "no", "because", "nothing"), ops::Keep::one_a_minute);
  CHECK(audit::size(provider.database()) < before + 3);
  CHECK(calls("default", "user.pin", "refused") == 3);
}

TEST_CASE_METHOD(GroupTsp, "what a dry run is refused is not counted") {
  ops::refused(provider, {"user.pin", "alice", "weak-choice"},
               Error(Fault::policy_refused, "no", "because", "nothing"), ops::Keep::nothing);
  CHECK(calls("default", "user.pin", "refused") == 0);
}

TEST_CASE_METHOD(GroupTsp, "a signer called like a role is not charged for it") {
  ops::EnrollUser request;
  request.name = "tsa";
  request.common_name = "Tsa Tsa";
  request.pin = Secret::copy_of(as_bytes("246813"));
  request.hand_out = [](const Secret&) {};
  ops::enroll_user(provider, request);
  const auto event = provider.event("timestamp", audit::Outcome::refused, "tsa", Json::object());
  CHECK(ops::group_of(provider.database(), event).empty());
  CHECK(ops::group_of(provider.database(), provider.event("user.suspend", audit::Outcome::done,
                                                          "tsa", Json::object())) == "default");
}

TEST_CASE_METHOD(GroupTsp, "who is removed has no factor, share, approval or request left") {
  ops::remove_user(provider, "alice", false);
  CHECK(store::factors_of(provider.database(), "alice").empty());
  CHECK(store::requests_of(provider.database(), "alice").empty());
  for (const auto& key : store::keys_of(provider.database(), "alice")) {
    CHECK(key.blob.empty());
    CHECK(key.link_mac.empty());
    CHECK(store::shares_of(provider.database(), key.id).empty());
  }
  CHECK(calls("default", "key.destroy", "done") == 1);
  CHECK(calls("default", "cert.revoke", "done") == 1);
  CHECK(calls("default", "user.remove", "done") == 1);
}

TEST_CASE_METHOD(GroupTsp, "a removed signer's history stays, in the order of the log") {
  ops::remove_user(provider, "alice", false);
  std::vector<ops::HistoryEvent> events;
  ops::user_history(provider, {"alice", {}, {}}, [&](const ops::HistoryEvent& event) {
    events.push_back(event);
    return true;
  });
  REQUIRE(!events.empty());
  CHECK(events.back().event == "user.remove");
  CHECK(std::is_sorted(events.begin(), events.end(),
                       [](const auto& a, const auto& b) { return a.seq < b.seq; }));
}
