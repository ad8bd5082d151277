#include <sys/wait.h>
#include <unistd.h>

#include "audit/log.h"
#include "support/catch.h"
#include "unit/audit/audit_fixture.h"

namespace tsp::audit {
namespace {

TEST_CASE_METHOD(AuditFixture, "records are numbered from 0 and chained from 32 zero octets") {
  CHECK(append("key.generate") == 0);
  CHECK(append("cert.issue") == 1);
  CHECK(audit::size(*database) == 2);
  const Bytes first = store::find_audit(*database, 0)->record;
  const Bytes second = store::find_audit(*database, 1)->record;
  Bytes chained(32, 0);
  tsp::append(chained, first);
  const Bytes chain0 = crypto::sha256(chained);
  CHECK(find(*database, 0)->chain == chain0);
  chained = chain0;
  tsp::append(chained, second);
  CHECK(find(*database, 1)->chain == crypto::sha256(chained));
  CHECK(root_hash(*database) == node_hash(leaf_hash(first), leaf_hash(second)));
  CHECK_FALSE(find(*database, 2));
}

TEST_CASE_METHOD(AuditFixture, "an empty log has the root of nothing") {
  CHECK(to_hex(root_hash(*database)) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(verify() == "intact");
}

TEST_CASE_METHOD(AuditFixture, "state and record commit together or not at all") {
  {
    store::Transaction transaction(*database);
    store::set_setting(transaction, "name", "x");
    audit::append(transaction, now, {"init", Outcome::done, "system", "system", "", {}});
    // not committed
  }
  CHECK(audit::size(*database) == 0);
  CHECK(append("init") == 0);
  CHECK(verify() == "intact");
}

TEST_CASE_METHOD(AuditFixture, "a clock behind the last record is recorded as it is, and noted") {
  append("key.generate");
  now -= std::chrono::hours(1);
  const Time earlier = now;
  append("cert.issue", {{"serial", "0a"}});
  CHECK(find(*database, 1)->time == earlier);
  CHECK(find(*database, 1)->event.details == Json{{"serial", "0a"}, {"clock", "stepped-back"}});
  append("cert.issue");
  CHECK_FALSE(find(*database, 2)->event.details.contains("clock"));
  CHECK(verify() == "intact");
}

TEST_CASE_METHOD(AuditFixture, "a secret's name is refused, and nothing is recorded") {
  const auto refused = [&](Json details) {
    return fault_of([&] { append("user.enroll", std::move(details)); });
  };
  CHECK(refused({{"pin", "246813"}}) == "failed");
  CHECK(refused({{"factors", {{{"type", "totp"}, {"seed", "x"}}}}}) == "failed");
  CHECK(refused({{"factors", {"pin", "totp"}}}) == "none");
  CHECK(audit::size(*database) == 1);
}

TEST_CASE_METHOD(AuditFixture, "each reads in order from a number and stops when told") {
  for (const char* event : {"a", "b", "c", "d"}) append(event);
  std::string seen;
  each(*database, 1, [&](const Record& record) {
    seen += record.event.event;
    return record.event.event != "c";
  });
  CHECK(seen == "bc");
}

TEST_CASE_METHOD(AuditFixture, "nothing is appended to a log that was cut") {
  append_many(5);
  sql("DELETE FROM audit_records WHERE seq = 4");
  CHECK(fault_of([&] { append("key.generate"); }) == "tampered");
  CHECK(fault_of([&] { root_hash(*database); }) == "tampered");
}

TEST_CASE_METHOD(AuditFixture, "a record that was damaged is not shown as if it were one") {
  append_many(3);
  flip_bit(1, 0);
  CHECK(fault_of([&] { find(*database, 1); }) == "tampered");
  CHECK(fault_of([&] { each(*database, 0, [](const Record&) { return true; }); }) == "tampered");
}

TEST_CASE_METHOD(AuditFixture, "processes that append at once make one chain") {
  database.reset();
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      int status = 1;
      try {
        database = store::Database::open(path, store::Database::Open::existing);
        for (int n = 0; n < 25; ++n) append("key.generate", {{"by", i}});
        status = 0;
      } catch (...) {
      }
      ::_exit(status);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  database = store::Database::open(path, store::Database::Open::existing);
  CHECK(verdict().size == 100);
  CHECK(verify() == "intact");
}

TEST_CASE_METHOD(AuditFixture, "ranges of the log have the roots of their records") {
  append_many(11);
  Frontier tree;
  for (std::int64_t seq = 3; seq < 9; ++seq)
    tree.append(leaf_hash(store::find_audit(*database, seq)->record));
  CHECK(range_root(*database, 3, 9) == tree.root());
  CHECK(range_root(*database, 0, 11) == root_hash(*database));
  CHECK(range_root(*database, 4, 4) == Frontier().root());
  CHECK(fault_of([&] { range_root(*database, 3, 12); }) == "tampered");
}

}  // namespace
}  // namespace tsp::audit
