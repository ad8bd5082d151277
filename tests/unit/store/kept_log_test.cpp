#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.h"
#include "unit/store/store_fixture.h"

namespace tsp::store {
namespace {

constexpr std::size_t kHeader = 32;

struct KeptLogFixture : StoreFixture {
  std::string log = path + "-wal";

  KeptLogFixture() { reopen(); }
  // In a connection of its own, closed before and after it.
  void once(const std::string& name, const std::string& value = "yes") {
    reopen();
    commit([&](Transaction& t) { set_setting(t, name, value); });
    database.reset();
  }
  struct stat file() const {
    struct stat info {};
    REQUIRE(::stat(log.c_str(), &info) == 0);
    return info;
  }
  Bytes octets() const { return read_file(log, 1 << 24); }
  Bytes header() const {
    Bytes all = octets();
    all.resize(std::min(all.size(), kHeader));
    return all;
  }
  std::string value(const std::string& name) {
    if (!database) reopen();
    return setting(*database, name).value_or("nothing");
  }
};

TEST_CASE_METHOD(KeptLogFixture,
                 "the log's file stays when the store is closed, and is used again") {
  once("one");
  const struct stat first = file();
  CHECK(header() == Bytes(kHeader, 0));
  CHECK(first.st_size > static_cast<off_t>(kHeader));
  CHECK((first.st_mode & 0777) == 0600);
  for (const char* name : {"two", "three", "four"}) {
    once(name);
    CHECK(file().st_ino == first.st_ino);
    CHECK(file().st_size == first.st_size);
    CHECK(header() == Bytes(kHeader, 0));
  }
  for (const char* name : {"one", "two", "three", "four"}) CHECK(value(name) == "yes");
  CHECK(database->check() == "ok");
}

TEST_CASE_METHOD(KeptLogFixture, "what stands in the store is whole without its log") {
  once("name", "x");
  REQUIRE(::unlink(log.c_str()) == 0);
  CHECK(value("name") == "x");
  database.reset();
  write_file(folder.file("copy.db"), read_file(path, 1 << 24), Existing::refuse, 0600);
  const auto copy = Database::open(folder.file("copy.db"), Database::Open::existing);
  CHECK(setting(*copy, "name") == "x");
}

// The zeros need not reach the disk: the log then says again what is in the store.
TEST_CASE_METHOD(KeptLogFixture, "power that fails before the header is emptied changes nothing") {
  reopen();
  commit([](Transaction& t) { set_setting(t, "name", "old"); });
  commit([](Transaction& t) { set_setting(t, "name", "new"); });
  const Bytes before = octets();
  database.reset();
  const Bytes after = octets();
  REQUIRE(before.size() == after.size());
  CHECK(Bytes(before.begin() + kHeader, before.end()) ==
        Bytes(after.begin() + kHeader, after.end()));
  write_file(log, before, Existing::replace, 0600);
  CHECK(value("name") == "new");
  CHECK(database->check() == "ok");
  commit([](Transaction& t) { set_setting(t, "later", "yes"); });
  CHECK(value("later") == "yes");
}

TEST_CASE_METHOD(KeptLogFixture, "a log that grew large is cut when the store is closed") {
  reopen();
  commit([](Transaction& t) {
    for (int i = 0; i < 2000; ++i) set_setting(t, "s" + std::to_string(i), std::string(1000, 'x'));
  });
  REQUIRE(file().st_size > (1 << 20));
  database.reset();
  CHECK(file().st_size == 0);
  CHECK(value("s1999") == std::string(1000, 'x'));
}

TEST_CASE_METHOD(KeptLogFixture, "a store by another name has its log where the store is") {
  reopen();
  commit([](Transaction& t) { set_setting(t, "name", "new"); });
  const Bytes left_behind = octets();
  database.reset();
  write_file(log, left_behind, Existing::replace, 0600);
  const std::string link = folder.file("link.db");
  REQUIRE(::symlink(path.c_str(), link.c_str()) == 0);
  {
    const auto by_link = Database::open(link, Database::Open::existing);
    CHECK(setting(*by_link, "name") == "new");
  }
  CHECK_FALSE(exists(log));  // others' log is not kept
}

// As VACUUM INTO makes it: its header says that it has no log.
TEST_CASE_METHOD(KeptLogFixture, "a copy without a log, put beside an emptied one, is switched") {
  once("name", "new");
  reopen();
  tamper("VACUUM INTO '" + folder.file("copy.db") + "'");
  database.reset();
  write_file(path, read_file(folder.file("copy.db"), 1 << 24), Existing::replace, 0600);
  const auto mode = [&] { return read_file(path, 1 << 24).at(18); };
  CHECK(mode() == 1);
  CHECK(value("name") == "new");
  commit([](Transaction& t) { set_setting(t, "later", "yes"); });
  CHECK(mode() == 2);
  database.reset();
  CHECK(value("later") == "yes");
  CHECK(database->check() == "ok");
}

TEST_CASE_METHOD(KeptLogFixture, "a log is kept by the last of several connections alone") {
  once("name", "old");
  reopen();
  const auto other = Database::open(path, Database::Open::existing);
  commit([](Transaction& t) { set_setting(t, "name", "new"); });
  database.reset();
  CHECK(header() != Bytes(kHeader, 0));
  CHECK(setting(*other, "name") == "new");
}

TEST_CASE_METHOD(KeptLogFixture, "a log with what others wrote is not kept") {
  once("name", "old");
  reopen();
  CHECK(value("name") == "old");
  auto other = Database::open(path, Database::Open::existing);
  {
    Transaction t(*other);
    set_setting(t, "name", "new");
    t.commit();
  }
  other.reset();
  database.reset();
  CHECK_FALSE(exists(log));
  CHECK(value("name") == "new");
}

// Secrets that were replaced or deleted are in no file of the store once it is closed.
TEST_CASE_METHOD(KeptLogFixture, "what was to be forgotten is not in the log") {
  const std::string secret = "a verifier that must be gone";
  const auto on_disk = [&] {
    std::string all;
    for (const std::string& name : {path, log})
      if (exists(name)) all += as_text(read_file(name, 1 << 24));
    return all.find(secret) != std::string::npos;
  };
  const auto with_factor = [&](const auto& act) {
    std::int64_t id = 0;
    reopen();
    commit([&](Transaction& t) {
      insert_user(t, user("alice"));
      id = insert_factor(t, {0, "alice", "pin", to_bytes(as_bytes(secret)), 0, now});
    });
    CHECK(on_disk());
    commit([&](Transaction& t) { act(t, id); });
  };
  const auto replace = [](Transaction& t, std::int64_t id) { set_factor_data(t, id, Bytes(9, 1)); };
  SECTION("a factor replaced") {
    with_factor(replace);
    database.reset();
  }
  SECTION("a factor deleted") {
    with_factor([](Transaction& t, std::int64_t id) { delete_factor(t, id); });
    database.reset();
  }
  SECTION("while another connection is open, which closes later") {
    once("name");
    const auto other = Database::open(path, Database::Open::existing);
    CHECK(setting(*other, "name") == "yes");
    with_factor(replace);
    database.reset();
    CHECK_FALSE(on_disk());
  }
  SECTION("approvals of SCAL 2 that are used up by another process") {
    reopen();
    ApprovalRow approval;
    approval.id = Bytes(32, 1);
    approval.user = "alice";
    approval.key = "a1";
    approval.manifest_sha256 = Bytes(32, 2);
    approval.count = 1;
    approval.expires_at = now;
    approval.sealed = to_bytes(as_bytes(secret));
    approval.mac = Bytes(32, 3);
    commit([&](Transaction& t) {
      insert_user(t, user("alice"));
      insert_approval(t, approval, {Bytes(32, 4)});
    });
    ApprovalRow second = approval;  // on the same page
    second.id = Bytes(32, 5);
    commit([&](Transaction& t) { insert_approval(t, second, {Bytes(32, 4)}); });
    reopen();
    commit([&](Transaction& t) { delete_approval(t, approval.id); });
    commit([&](Transaction& t) { delete_approval(t, second.id); });
    database.reset();
  }
  CHECK_FALSE(on_disk());
}

}  // namespace
}  // namespace tsp::store
