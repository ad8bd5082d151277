#include <sys/stat.h>

#include <set>

#include "store/migrations.h"
#include "support/catch.h"
#include "unit/store/store_fixture.h"

namespace tsp::store {
namespace {

using Open = Database::Open;

std::string open_fault(const std::string& path, Open how) {
  return fault_of([&] { Database::open(path, how); });
}

mode_t mode_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

std::string pragma(Database& database, const std::string& name) {
  Statement row = database.prepare("PRAGMA " + name);
  return row.step() ? row.text(0) : "nothing";
}

TEST_CASE_METHOD(StoreFixture, "the store and all its files are ours alone, whatever the umask") {
  commit([](Transaction& t) { set_setting(t, "name", "x"); });
  CHECK(mode_of(path) == 0600);
  CHECK(mode_of(path + "-wal") == 0600);
  CHECK(mode_of(path + "-shm") == 0600);
}

TEST_CASE_METHOD(StoreFixture, "every connection is durable, checks references and wipes") {
  for (const Open how : {Open::create, Open::existing}) {
    reopen(how);
    CHECK(pragma(*database, "journal_mode") == "wal");
    CHECK(pragma(*database, "synchronous") == "2");
    CHECK(pragma(*database, "foreign_keys") == "1");
    CHECK(pragma(*database, "secure_delete") == "1");
    CHECK(pragma(*database, "application_id") == "1414746161");
  }
}

TEST_CASE("opening makes a store only where that was asked for") {
  const test::Folder folder;
  const std::string path = folder.file("store.db");
  CHECK(open_fault(path, Open::existing) == "not-found");
  CHECK(open_fault(path, Open::read_only) == "not-found");
  CHECK_FALSE(exists(path));
  CHECK(open_fault(folder.file("no/such/folder.db"), Open::create) == "not-found");
  CHECK(open_fault(path, Open::create) == "none");
  CHECK(open_fault(path, Open::create) == "none");
  CHECK(open_fault(path, Open::existing) == "none");
}

TEST_CASE("names with the letters of a URI are names") {
  const test::Folder folder;
  const std::string path = folder.file("a?mode=memory#b%41.db");
  CHECK(open_fault(path, Open::create) == "none");
  CHECK(exists(path));
}

TEST_CASE("what is not a store is refused and left as it was") {
  const test::Folder folder;
  const std::string text = folder.put("letter.txt", as_bytes(std::string(5000, 'x')));
  const std::string empty = folder.put("empty.db", "");
  CHECK(open_fault(text, Open::existing) == "tampered");
  CHECK(open_fault(text, Open::create) == "tampered");
  CHECK(read_file(text, 10000) == to_bytes(as_bytes(std::string(5000, 'x'))));
  CHECK(open_fault(empty, Open::existing) == "tampered");
  CHECK(open_fault(empty, Open::read_only) == "tampered");
  CHECK(read_file(empty, 10000).empty());
  CHECK(open_fault(folder.file("."), Open::existing) == "bad-input");
}

TEST_CASE_METHOD(StoreFixture, "another program's database is refused and left as it was") {
  tamper("PRAGMA application_id = 0");
  database.reset();
  const Bytes before = read_file(path, 1 << 24);
  for (const Open how : {Open::existing, Open::create, Open::read_only})
    CHECK(open_fault(path, how) == "tampered");
  CHECK(read_file(path, 1 << 24) == before);
}

TEST_CASE_METHOD(StoreFixture, "a newer schema is refused") {
  tamper("INSERT INTO schema_versions (version, checksum) VALUES (999, 'x')");
  database.reset();
  try {
    Database::open(path, Open::existing);
    FAIL("opened");
  } catch (const Error& error) {
    CHECK(error.fault == Fault::tampered);
    CHECK_THAT(error.why, ContainsSubstring("newer than this program"));
  }
}

TEST_CASE_METHOD(StoreFixture, "a schema made from other SQL is refused") {
  tamper("UPDATE schema_versions SET checksum = '0000000000000000' WHERE version = 1");
  database.reset();
  CHECK(open_fault(path, Open::existing) == "tampered");
}

TEST_CASE_METHOD(StoreFixture, "a store that forgot its versions is refused") {
  tamper("DELETE FROM schema_versions");
  database.reset();
  CHECK(open_fault(path, Open::create) == "tampered");
}

TEST_CASE("migrations are numbered from 1 without gaps, each with a checksum of its own") {
  int expected = 1;
  std::set<std::string> checksums;
  for (const Migration& migration : migrations()) {
    CHECK(migration.version == expected++);
    checksums.insert(checksum_of(migration));
  }
  CHECK(checksums.size() == migrations().size());
  CHECK(checksum_of({1, ""}) == "cbf29ce484222325");  // FNV-1a's published vectors
  CHECK(checksum_of({1, "foobar"}) == "85944171f73967e8");
}

TEST_CASE_METHOD(StoreFixture, "reading only changes nothing") {
  commit([](Transaction& t) { set_setting(t, "name", "x"); });
  reopen(Open::read_only);
  CHECK(setting(*database, "name") == "x");
  CHECK(refused([](Transaction& t) { set_setting(t, "name", "y"); }) == "not-permitted");
  CHECK(setting(*database, "name") == "x");
}

TEST_CASE_METHOD(StoreFixture, "a statement in use is not handed out a second time") {
  commit([](Transaction& t) {
    for (const char* name : {"a", "b", "c"}) set_setting(t, name, name);
  });
  const std::string sql = "SELECT name FROM settings ORDER BY name";
  std::string pairs;
  Statement outer = database->prepare(sql);
  while (outer.step()) {
    Statement inner = database->prepare(sql);
    while (inner.step()) pairs += outer.text(0) + inner.text(0) + " ";
  }
  CHECK(pairs == "aa ab ac ba bb bc ca cb cc ");
}

TEST_CASE_METHOD(StoreFixture, "bound values do not stay in a statement that went back") {
  const std::string sql = "SELECT ?, ?";
  { database->prepare(sql).bind("secret").bind(1).step(); }
  Statement again = database->prepare(sql);
  REQUIRE(again.bind(7).step());
  CHECK(again.integer(0) == 7);
  CHECK(again.is_null(1));
}

TEST_CASE_METHOD(StoreFixture, "empty text and empty octets are values, nothing is NULL") {
  Statement row = database->prepare("SELECT ?, ?, ?, ?");
  REQUIRE(
      row.bind(std::string_view{}).bind(ByteView{}).bind(std::optional<Time>{}).bind(now).step());
  CHECK(row.optional_text(0) == "");
  CHECK(row.optional_blob(1) == Bytes{});
  CHECK_FALSE(row.optional_time(2));
  CHECK(row.optional_time(3) == now);
  CHECK_FALSE(row.optional_integer(2));
}

TEST_CASE_METHOD(StoreFixture, "text with a zero octet and large octet strings survive") {
  const std::string odd("a\0b", 3);
  const Bytes large(5'000'000, 0xab);
  Statement row = database->prepare("SELECT ?, ?");
  REQUIRE(row.bind(odd).bind(large).step());
  CHECK(row.text(0) == odd);
  CHECK(row.blob(1) == large);
}

TEST_CASE_METHOD(StoreFixture, "leaving scope undoes, only commit keeps") {
  {
    Transaction t(*database);
    set_setting(t, "name", "x");
  }
  CHECK_FALSE(setting(*database, "name"));
  try {
    Transaction t(*database);
    set_setting(t, "name", "x");
    throw std::runtime_error("in the middle");
  } catch (const std::runtime_error&) {
  }
  CHECK_FALSE(setting(*database, "name"));
  commit([](Transaction& t) { set_setting(t, "name", "x"); });
  CHECK(setting(*database, "name") == "x");
}

TEST_CASE_METHOD(StoreFixture, "a connection has one transaction, which commits once") {
  Transaction t(*database);
  CHECK(fault_of([&] { Transaction second(*database); }) == "failed");
  set_setting(t, "name", "x");
  t.commit();
  CHECK(fault_of([&] { t.commit(); }) == "failed");
  CHECK(setting(*database, "name") == "x");
}

TEST_CASE_METHOD(StoreFixture, "a snapshot sees one state while others commit") {
  commit([](Transaction& t) { set_setting(t, "name", "old"); });
  const auto other = Database::open(path, Open::existing);
  {
    const Snapshot snapshot(*database);
    Transaction t(*other);
    set_setting(t, "name", "new");
    t.commit();
    CHECK(setting(*database, "name") == "old");
  }
  CHECK(setting(*database, "name") == "new");
}

TEST_CASE_METHOD(StoreFixture, "an empty log cannot be had while somebody reads") {
  commit([](Transaction& t) { set_setting(t, "name", "old"); });
  const auto other = Database::open(path, Open::existing);
  const Snapshot snapshot(*other);
  database->prepare("PRAGMA busy_timeout = 10").run();
  commit([](Transaction& t) { set_setting(t, "name", "new"); });
  CHECK(fault_of([&] { database->truncate_log(); }) == "busy");
}

TEST_CASE_METHOD(StoreFixture, "a sound store checks ok; a row that refers to nothing is found") {
  commit([&](Transaction& t) { insert_user(t, user("alice")); });
  CHECK(database->check() == "ok");
  tamper("PRAGMA foreign_keys = OFF");
  tamper(
      "INSERT INTO factors (id, user_name, type, data, last_step, created_at) "
      "VALUES (1, 'nobody', 'pin', x'00', 0, 0)");
  CHECK_THAT(database->check(), ContainsSubstring("factors"));
}

TEST_CASE_METHOD(StoreFixture, "a page that was written over is found, not read") {
  commit([&](Transaction& t) {
    for (int i = 0; i < 2000; ++i) insert_user(t, user("user" + std::to_string(i)));
  });
  database.reset();
  Bytes file = read_file(path, 1 << 24);
  // The last quarter holds users; the first pages hold the schema.
  for (std::size_t i = file.size() / 4 * 3; i < file.size(); ++i) file[i] = 0xff;
  write_file(path, file, Existing::replace, 0600);
  database = Database::open(path, Open::existing);
  CHECK(database->check() != "ok");
  CHECK(fault_of([&] { all_users(*database); }) == "tampered");
}

}  // namespace
}  // namespace tsp::store
