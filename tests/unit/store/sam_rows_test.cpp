#include "store_fixture.h"
#include "support/catch.h"

using namespace std::chrono_literals;

namespace tsp::store {

TEST_CASE_METHOD(StoreFixture, "a new store has the group default, which cannot be made again") {
  const auto group = find_group(*database, "default").value();
  CHECK(group.factors_scal1 == "pin+totp");
  CHECK(group.factors_scal2 == "pin+device");
  CHECK(group.enrolment == "one-step");
  CHECK(group.bare_hashes);
  CHECK(refused([&](Transaction& t) { insert_group(t, group); }) == "already-exists");
}

TEST_CASE_METHOD(StoreFixture, "a group keeps what it is given, and is found by its API key") {
  GroupRow group = find_group(*database, "default").value();
  group.name = "notaries";
  group.enrolment = "two-step";
  group.bare_hashes = false;
  group.documents = 20;
  group.api_key_sha256 = std::string(64, 'a');
  commit([&](Transaction& t) { insert_group(t, group); });
  CHECK(find_group_by_api_key(*database, std::string(64, 'a'))->name == "notaries");
  CHECK_FALSE(find_group_by_api_key(*database, ""));
  group.api_key_sha256.clear();
  group.state = "suspended";
  commit([&](Transaction& t) { update_group(t, group); });
  CHECK_FALSE(find_group_by_api_key(*database, std::string(64, 'a')));
  CHECK(find_group(*database, "notaries")->state == "suspended");
  CHECK(find_group(*database, "notaries")->documents == 20);
  CHECK(all_groups(*database).size() == 2);
  group.name = "nobody";
  CHECK(refused([&](Transaction& t) { update_group(t, group); }) == "not-found");
}

TEST_CASE_METHOD(StoreFixture, "calls are added up by group, day, operation and outcome") {
  commit([&](Transaction& t) {
    count_calls(t, {"default", 20000, "sign", "done", 2});
    count_calls(t, {"default", 20000, "sign", "done", 3});
    count_calls(t, {"default", 20001, "sign", "refused", 1});
    count_calls(t, {"other", 20000, "sign", "done", 7});
  });
  const auto accounts = accounts_of(*database, "default", 20000, 20001);
  REQUIRE(accounts.size() == 2);
  CHECK(accounts[0].calls == 5);
  CHECK(accounts[1].outcome == "refused");
  CHECK(accounts_of(*database, "default", 20001, 20001).size() == 1);
}

TEST_CASE_METHOD(StoreFixture, "an enrolment is used once and replaced by a newer one") {
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    put_enrolment(t, {"alice", Bytes(32, 1), "2026-01", now});
    put_enrolment(t, {"alice", Bytes(32, 2), "2026-02", now + 24h});
  });
  CHECK(find_enrolment(*database, "alice")->code_mac == Bytes(32, 2));
  commit([&](Transaction& t) {
    CHECK(delete_enrolment(t, "alice"));
    CHECK_FALSE(delete_enrolment(t, "alice"));
  });
}

TEST_CASE_METHOD(StoreFixture, "a request is answered once and used once") {
  const Bytes id(16, 7);
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    insert_request(t, {id, "alice", "k", Bytes{1}, Bytes{2}, {}, {}, {}, now + 5min});
    insert_request(t, {Bytes(16, 8), "alice", "k", Bytes{1}, {}, {}, {}, {}, now});
    CHECK(delete_expired_requests(t, now) == 1);
  });
  CHECK(requests_of(*database, "alice").size() == 1);
  commit([&](Transaction& t) {
    CHECK(answer_request(t, id, Bytes{9}));
    CHECK_FALSE(answer_request(t, id, Bytes{8}));
  });
  CHECK(find_request(*database, id)->answer == Bytes{9});
  commit([&](Transaction& t) {
    CHECK(delete_request(t, id));
    CHECK_FALSE(delete_request(t, id));
  });
}

TEST_CASE_METHOD(StoreFixture, "shares go with their key or their device") {
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    insert_key(t, key("a1", "alice"));
    insert_share(t, {"a1", 4, Bytes{4}});
    insert_share(t, {"a1", 3, Bytes{3}});
  });
  CHECK(shares_of(*database, "a1").front().factor == 3);
  commit([&](Transaction& t) { delete_shares_of_factor(t, 3); });
  CHECK(shares_of(*database, "a1").size() == 1);
  commit([&](Transaction& t) { delete_shares_of_key(t, "a1"); });
  CHECK(shares_of(*database, "a1").empty());
}

TEST_CASE_METHOD(StoreFixture, "notices wait their turn and survive a restart") {
  std::int64_t first = 0;
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    first = insert_notice(t, {0, "alice", "a@example.org", "Key used", "…", now, 0, now});
    insert_notice(t, {0, "alice", "a@example.org", "Key used", "…", now, 0, now + 1h});
  });
  reopen();
  REQUIRE(due_notices(*database, now, 10).size() == 1);
  commit([&](Transaction& t) { postpone_notice(t, first, now + 2h); });
  CHECK(due_notices(*database, now, 10).empty());
  CHECK(due_notices(*database, now + 2h, 1).front().tries == 0);
  CHECK(due_notices(*database, now + 2h, 10).back().tries == 1);
  commit([&](Transaction& t) { delete_notice(t, first); });
  CHECK(waiting_notices(*database) == 1);
  CHECK(oldest_notice(*database) == now);
}

TEST_CASE_METHOD(StoreFixture, "a response is completed once, counted by caller, and expires") {
  ResponseRow row{Bytes(32, 1), "uid:1", "alice", 0, {}, now + 1min, now + 1h};
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    insert_response(t, row);
    row.id = Bytes(32, 2);
    row.expires_at = now;
    row.body = Bytes(10, 7);
    insert_response(t, row);
  });
  CHECK(refused([&](Transaction& t) { insert_response(t, row); }) == "already-exists");
  CHECK(count_responses(*database, "uid:1").of_caller == 2);
  CHECK(count_responses(*database, "uid:1").octets_of_caller == 10);
  CHECK(count_responses(*database, "uid:2").of_caller == 0);
  CHECK(count_responses(*database, "uid:2").of_all == 2);
  commit([&](Transaction& t) {
    CHECK(complete_response(t, Bytes(32, 1), 200, Bytes(3, 9)));
    CHECK_FALSE(complete_response(t, Bytes(32, 1), 400, {}));
    CHECK_FALSE(complete_response(t, Bytes(32, 3), 200, {}));
    CHECK(delete_expired_responses(t, now) == 1);
  });
  CHECK(find_response(*database, Bytes(32, 1))->body == Bytes(3, 9));
  CHECK(find_response(*database, Bytes(32, 1))->status == 200);
  CHECK_FALSE(find_response(*database, Bytes(32, 2)));
}

}  // namespace tsp::store
