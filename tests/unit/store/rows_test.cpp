#include <utility>

#include "store/certificate_status.h"
#include "support/catch.h"
#include "unit/store/store_fixture.h"

namespace tsp::store {
namespace {

using namespace std::chrono_literals;

TEST_CASE_METHOD(StoreFixture, "what is written to a user is read back after reopening") {
  UserRow alice = user("alice");
  alice.given_name = "Alice";
  alice.surname = "Żółć";
  alice.serial_number = "PASLU-1234";
  alice.email = "alice@example.org";
  alice.country = "LU";
  alice.group = "notaries";
  commit([&](Transaction& t) { insert_user(t, alice); });
  reopen();
  const auto found = find_user(*database, "alice");
  REQUIRE(found);
  CHECK(found->surname == "Żółć");
  CHECK(found->serial_number == "PASLU-1234");
  CHECK(found->group == "notaries");
  CHECK(found->created_at == now);
  CHECK_FALSE(find_user(*database, "bob"));
}

TEST_CASE_METHOD(StoreFixture, "a user's name is taken once") {
  commit([&](Transaction& t) { insert_user(t, user("alice")); });
  CHECK(refused([&](Transaction& t) { insert_user(t, user("alice")); }) == "already-exists");
}

TEST_CASE_METHOD(StoreFixture, "a state that no table knows is refused by the store itself") {
  commit([&](Transaction& t) { insert_user(t, user("alice")); });
  CHECK(refused([](Transaction& t) { set_user_state(t, "alice", "retired"); }) == "failed");
  CHECK(refused([](Transaction& t) { set_user_state(t, "bob", "active"); }) == "not-found");
  commit([](Transaction& t) { set_user_state(t, "alice", "suspended"); });
  CHECK(all_users(*database).at(0).state == "suspended");
}

TEST_CASE_METHOD(StoreFixture, "a one-time step is accepted once and never backwards") {
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    const auto id = insert_factor(t, {0, "alice", "totp", Bytes{1, 2}, 0, now});
    CHECK(advance_factor(t, id, 100));
    CHECK_FALSE(advance_factor(t, id, 100));
    CHECK_FALSE(advance_factor(t, id, 99));
    CHECK(advance_factor(t, id, 101));
  });
  CHECK(factors_of(*database, "alice").at(0).last_step == 101);
}

TEST_CASE_METHOD(StoreFixture, "a factor's number is never given to another") {
  std::int64_t first = 0, second = 0;
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    first = insert_factor(t, {0, "alice", "pin", Bytes{1}, 0, now});
    delete_factor(t, first);
    second = insert_factor(t, {0, "alice", "pin", Bytes{2}, 0, now});
  });
  CHECK(first != second);
}

TEST_CASE_METHOD(StoreFixture, "a factor or key of nobody is refused") {
  CHECK(refused([&](Transaction& t) {
          insert_factor(t, {0, "nobody", "pin", Bytes{1}, 0, now});
        }) == "failed");
  CHECK(refused([&](Transaction& t) { insert_key(t, key("a1", "nobody")); }) == "failed");
}

TEST_CASE_METHOD(StoreFixture, "attempts count up by name, known or not, until cleared") {
  commit([&](Transaction& t) {
    CHECK(raise_attempts(t, "alice", now) == 1);
    CHECK(raise_attempts(t, "alice", now + 1s) == 2);
    CHECK(raise_attempts(t, "mallory", now) == 1);
  });
  CHECK(attempts_of(*database, "alice") == 2);
  commit([](Transaction& t) { clear_attempts(t, "alice"); });
  CHECK(attempts_of(*database, "alice") == 0);
  CHECK(attempts_of(*database, "mallory") == 1);
}

TEST_CASE_METHOD(StoreFixture, "a try without a verdict is taken back, and never below none") {
  commit([&](Transaction& t) {
    raise_attempts(t, "alice", now);
    raise_attempts(t, "alice", now);
    lower_attempts(t, "alice");
    CHECK(attempts_of(*database, "alice") == 1);
    lower_attempts(t, "alice");
    lower_attempts(t, "alice");
    lower_attempts(t, "nobody");
  });
  CHECK(attempts_of(*database, "alice") == 0);
  CHECK(attempts_of(*database, "nobody") == 0);
}

TEST_CASE_METHOD(StoreFixture, "a key keeps the request of its generation") {
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    insert_key(t, key("a1", "alice"));
  });
  CHECK(find_key(*database, "a1")->request == to_bytes(as_bytes("request of a1")));
}

TEST_CASE_METHOD(StoreFixture, "a destroyed key keeps its row and loses its blob, also on disk") {
  KeyRow doomed = key("a1", "alice");
  doomed.blob = Bytes(3000, 0);
  const std::string_view mark = "wrapped octets that must be gone";
  for (std::size_t i = 0; i < doomed.blob.size(); ++i)
    doomed.blob[i] = static_cast<std::uint8_t>(mark[i % mark.size()]);
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    insert_key(t, doomed);
  });
  database->truncate_log();
  const auto on_disk = [&] {
    std::string all;
    for (const std::string& name : {path, path + "-wal"})
      if (exists(name)) all += as_text(read_file(name, 1 << 24));
    return all.find(mark) != std::string::npos;
  };
  CHECK(on_disk());
  commit([&](Transaction& t) { destroy_key(t, "a1", now + 1h); });
  database->truncate_log();
  CHECK_FALSE(on_disk());
  const auto left = find_key(*database, "a1");
  REQUIRE(left);
  CHECK(left->blob.empty());
  CHECK(left->link_mac.empty());
  CHECK(left->state == "destroyed");
  CHECK(left->destroyed_at == now + 1h);
}

TEST_CASE_METHOD(StoreFixture, "keys are listed by owner, and all where no owner is named") {
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    insert_user(t, user("bob"));
    insert_key(t, key("a1", "alice"));
    insert_key(t, key("b1", "bob"));
  });
  CHECK(keys_of(*database, "bob").size() == 1);
  CHECK(keys_of(*database, "").size() == 2);
}

TEST_CASE_METHOD(StoreFixture, "lists are read page by page, keys of one moment included") {
  commit([&](Transaction& t) {
    for (const char* name : {"alice", "bob", "carol"}) insert_user(t, user(name));
    for (const char* id : {"a1", "a2", "a3"}) insert_key(t, key(id, "alice"));
    insert_key(t, key("b1", "bob"));
    for (const char* serial : {"0a", "0b", "0c"})
      insert_certificate(t, certificate(serial, "root"));
  });
  CHECK(users_after(*database, "", 2).at(1).name == "bob");
  CHECK(users_after(*database, "bob", 2).at(0).name == "carol");
  CHECK(users_after(*database, "carol", 2).empty());
  CHECK(keys_after(*database, "", "", 2).at(1).id == "a2");
  CHECK(keys_after(*database, "", "a2", 9).size() == 2);
  CHECK(keys_after(*database, "alice", "a2", 9).size() == 1);
  CHECK(keys_after(*database, "", "none", 9).empty());
  CHECK(certificates_after(*database, "", 2).at(1).serial == "0b");
  CHECK(certificates_after(*database, "0b", 2).at(0).serial == "0c");
}

TEST_CASE_METHOD(StoreFixture, "a public key is known from keys and from certificates") {
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    insert_key(t, key("a1", "alice"));
    insert_certificate(t, certificate("0c", "tsa"));
  });
  CHECK(spki_is_known(*database, as_bytes("spki of a1")));
  CHECK(spki_is_known(*database, as_bytes("spki of 0c")));
  CHECK_FALSE(spki_is_known(*database, as_bytes("spki of 0d")));
}

TEST_CASE_METHOD(StoreFixture, "a serial number is reserved once and completed once") {
  commit([&](Transaction& t) { insert_certificate(t, certificate("0a", "tsa")); });
  CHECK(refused([&](Transaction& t) { insert_certificate(t, certificate("0a", "tsa")); }) ==
        "already-exists");
  CHECK_FALSE(current_certificate(*database, "tsa"));
  commit([](Transaction& t) { complete_certificate(t, "0a", Bytes{0x30, 0}); });
  CHECK(current_certificate(*database, "tsa")->der == Bytes{0x30, 0});
  CHECK(refused([](Transaction& t) {
          complete_certificate(t, "0a", Bytes{0x30, 1});
        }) == "not-found");
}

TEST_CASE_METHOD(StoreFixture,
                 "every change of a certificate advances the epoch, or nothing does") {
  std::int64_t before = certificate_epoch(*database);
  CHECK(before == 0);
  const auto advanced = [&] {
    const std::int64_t now_at = certificate_epoch(*database);
    return std::exchange(before, now_at) < now_at;
  };
  commit([&](Transaction& t) { insert_certificate(t, certificate("0a", "tsa")); });
  CHECK(advanced());
  commit([](Transaction& t) { complete_certificate(t, "0a", Bytes{0x30, 0}); });
  CHECK(advanced());
  commit([&](Transaction& t) { revoke_certificate(t, "0a", now, "superseded"); });
  CHECK(advanced());
  commit([](Transaction& t) { set_certificate_state(t, "0a", "valid"); });
  CHECK(advanced());
  {
    Transaction undone(*database);
    revoke_certificate(undone, "0a", now, "superseded");
  }
  CHECK_FALSE(advanced());
  reopen();
  CHECK_FALSE(advanced());
}

TEST_CASE_METHOD(StoreFixture, "a certificate without octets cannot become valid") {
  commit([&](Transaction& t) { insert_certificate(t, certificate("0a", "tsa")); });
  CHECK(refused([](Transaction& t) { set_certificate_state(t, "0a", "valid"); }) == "failed");
  commit([](Transaction& t) { set_certificate_state(t, "0a", "abandoned"); });
  CHECK(find_certificate(*database, "0a")->state == "abandoned");
}

TEST_CASE_METHOD(StoreFixture, "the newest valid certificate of a role is the current one") {
  commit([&](Transaction& t) {
    for (const char* serial : {"0a", "0b", "0c"}) {
      CertificateRow row = certificate(serial, "ocsp");
      row.created_at = now + std::chrono::seconds(serial[1]);
      insert_certificate(t, row);
      complete_certificate(t, serial, Bytes{0x30, 0});
    }
    revoke_certificate(t, "0c", now, "superseded");
  });
  CHECK(current_certificate(*database, "ocsp")->serial == "0b");
}

TEST_CASE_METHOD(StoreFixture, "the revoked of an issuer come by serial, with time and reason") {
  commit([&](Transaction& t) {
    for (const char* serial : {"0c", "0a", "0b"}) {
      CertificateRow row = certificate(serial, "signer");
      row.issuer_serial = serial[1] == 'b' ? "other" : "issuing";
      insert_certificate(t, row);
      complete_certificate(t, serial, Bytes{0x30, 0});
      revoke_certificate(t, serial, now + 1h, "keyCompromise");
    }
  });
  std::string seen;
  revoked_of(*database, "issuing", [&](const CertificateRow& row) {
    seen += row.serial + " " + row.reason + (row.revoked_at == now + 1h ? ";" : "?");
  });
  CHECK(seen == "0a keyCompromise;0c keyCompromise;");
}

TEST_CASE_METHOD(StoreFixture, "a certificate of nobody in particular has no owner") {
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    CertificateRow row = certificate("0a", "signer");
    row.owner = "alice";
    insert_certificate(t, row);
    insert_certificate(t, certificate("0b", "root"));
  });
  CHECK(find_certificate(*database, "0b")->owner.empty());
  CHECK(certificates_of(*database, "alice").size() == 1);
  CHECK(certificates_of_key(*database, "key of 0b").size() == 1);
  CHECK(all_certificates(*database).size() == 2);
}

TEST_CASE_METHOD(StoreFixture, "CRL numbers grow for each CA, and an older CRL replaces nothing") {
  commit([&](Transaction& t) {
    CHECK(reserve_crl_number(t, "issuing") == 1);
    CHECK(reserve_crl_number(t, "issuing") == 2);
    CHECK(reserve_crl_number(t, "root") == 1);
    put_crl(t, {"issuing", 2, now, now + 72h, Bytes{2}});
    put_crl(t, {"issuing", 1, now, now + 72h, Bytes{1}});
  });
  CHECK(current_crl(*database, "issuing")->der == Bytes{2});
  CHECK_FALSE(current_crl(*database, "root"));
}

TEST_CASE_METHOD(StoreFixture, "a rolled back CRL number is given again, a committed one never") {
  {
    Transaction t(*database);
    CHECK(reserve_crl_number(t, "issuing") == 1);
  }
  commit([](Transaction& t) { CHECK(reserve_crl_number(t, "issuing") == 1); });
  commit([](Transaction& t) { CHECK(reserve_crl_number(t, "issuing") == 2); });
}

TEST_CASE_METHOD(StoreFixture, "each approved hash is consumed once") {
  const Bytes id(32, 1), one(32, 0xa), two(32, 0xb), other(32, 0xc);
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    insert_approval(t, {id, "alice", "a1", Bytes(32, 9), 3, now + 5min, Bytes(60, 4), Bytes(32, 5)},
                    {one, two, two});
  });
  CHECK(unconsumed(*database, id) == 3);
  commit([&](Transaction& t) {
    CHECK(consume_hash(t, id, one));
    CHECK_FALSE(consume_hash(t, id, one));
    CHECK(consume_hash(t, id, two));
    CHECK(consume_hash(t, id, two));
    CHECK_FALSE(consume_hash(t, id, two));
    CHECK_FALSE(consume_hash(t, id, other));
  });
  CHECK(unconsumed(*database, id) == 0);
  CHECK(find_approval(*database, id)->count == 3);
}

TEST_CASE_METHOD(StoreFixture, "approvals go with their hashes: one, a user's, the expired") {
  const Bytes one(32, 1), two(32, 2), three(32, 3), hash(32, 0xa);
  commit([&](Transaction& t) {
    insert_user(t, user("alice"));
    insert_user(t, user("bob"));
    insert_approval(t, {one, "alice", "a1", Bytes(32, 9), 1, now + 5min, {}, Bytes(32, 5)}, {hash});
    insert_approval(t, {two, "alice", "a1", Bytes(32, 9), 1, now, {}, Bytes(32, 5)}, {hash});
    insert_approval(t, {three, "bob", "b1", Bytes(32, 9), 1, now + 5min, {}, Bytes(32, 5)}, {hash});
    CHECK(delete_expired_approvals(t, now) == 1);
    CHECK(delete_approvals_of(t, "alice") == 1);
    delete_approval(t, three);
  });
  for (const Bytes& id : {one, two, three}) {
    CHECK_FALSE(find_approval(*database, id));
    CHECK(unconsumed(*database, id) == 0);
  }
}

TEST_CASE_METHOD(StoreFixture, "an intent needs its record, and is closed once") {
  CHECK(refused([&](Transaction& t) {
          insert_intent(t, {0, "a1", Bytes(32, 1), now});
        }) == "failed");
  commit([&](Transaction& t) {
    insert_audit(t, {0, Bytes{'x'}, Bytes(32, 0)});
    insert_intent(t, {0, "a1", Bytes(32, 1), now});
  });
  CHECK(open_intents(*database).at(0).key == "a1");
  commit([](Transaction& t) { close_intent(t, 0); });
  CHECK(open_intents(*database).empty());
  CHECK(refused([](Transaction& t) { close_intent(t, 0); }) == "not-found");
}

TEST_CASE_METHOD(StoreFixture, "a time-stamp's serial number is given once") {
  commit([](Transaction& t) {
    CHECK(reserve_tst_serial(t, "0123"));
    CHECK_FALSE(reserve_tst_serial(t, "0123"));
  });
  reopen();
  commit([](Transaction& t) { CHECK_FALSE(reserve_tst_serial(t, "0123")); });
}

TEST_CASE_METHOD(StoreFixture, "refusals count by caller, reason and minute, and are taken once") {
  commit([](Transaction& t) {
    CHECK(count_refusal(t, {"uid:1000", "factor-refused", 5, 0}) == 1);
    CHECK(count_refusal(t, {"uid:1000", "factor-refused", 5, 0}) == 2);
    CHECK(count_refusal(t, {"uid:1000", "not-permitted", 5, 0}) == 1);
    CHECK(count_refusal(t, {"uid:1000", "factor-refused", 6, 0}) == 1);
    CHECK_FALSE(has_refusals_before(t.database(), 5));
    CHECK(has_refusals_before(t.database(), 6));
    const auto taken = take_refusals_before(t, 6);
    CHECK_FALSE(has_refusals_before(t.database(), 6));
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].count == 2);
    CHECK(take_refusals_before(t, 6).empty());
  });
}

TEST_CASE_METHOD(StoreFixture, "settings are replaced by name; empty values are values") {
  commit([](Transaction& t) {
    set_setting(t, "name", "Example Trust Services");
    set_setting(t, "name", "");
  });
  CHECK(setting(*database, "name") == "");
  CHECK_FALSE(setting(*database, "other"));
}

TEST_CASE_METHOD(StoreFixture, "checkpoints come by size, the last is the largest") {
  commit([&](Transaction& t) {
    put_checkpoint(t, {7, "seven", Bytes{7}, now});
    put_checkpoint(t, {3, "three", Bytes{3}, now});
    put_checkpoint(t, {7, "seven again", Bytes{7}, now});
  });
  CHECK(last_checkpoint(*database)->note == "seven again");
  std::string notes;
  each_checkpoint(*database, [&](const CheckpointRow& row) { notes += row.note + ";"; });
  CHECK(notes == "three;seven again;");
}

}  // namespace
}  // namespace tsp::store
