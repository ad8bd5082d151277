// What happens when several processes use a store, and when one dies or may not write.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <future>
#include <thread>

#include "support/catch.h"
#include "unit/store/store_fixture.h"

namespace tsp::store {
namespace {

using Open = Database::Open;

// Runs `act` in a process of its own; its exit status is what `act` returns, 99 for an Error, which
// it prints.
template <class Act>
pid_t spawn(Act act) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  int status = 98;
  try {
    status = act();
  } catch (const Error& error) {
    static_cast<void>(::dprintf(2, "%s\n", error.message.c_str()));
    status = 99;
  } catch (...) {
  }
  ::_exit(status);
}

int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::int64_t count(Database& database, const std::string& table) {
  Statement row = database.prepare("SELECT count(*) FROM " + table);
  row.step();
  return row.integer(0);
}

TEST_CASE_METHOD(StoreFixture, "processes that write at once all write, each number once") {
  database.reset();
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i)
    children.push_back(spawn([&] {
      const auto mine = Database::open(path, Open::existing);
      for (int n = 0; n < 50; ++n) {
        Transaction t(*mine);
        const std::int64_t number = reserve_crl_number(t, "issuing");
        if (!reserve_tst_serial(t, std::to_string(number))) return 1;
        t.commit();
      }
      return 0;
    }));
  for (const pid_t child : children) CHECK(wait_for(child) == 0);
  database = Database::open(path, Open::existing);
  CHECK(count(*database, "timestamp_serials") == 200);
  commit([](Transaction& t) { CHECK(reserve_crl_number(t, "issuing") == 201); });
}

TEST_CASE("processes that make the store at once make one") {
  const test::Folder folder;
  const std::string path = folder.file("store.db");
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i)
    children.push_back(spawn([&, i] {
      const auto mine = Database::open(path, Open::create);
      Transaction t(*mine);
      set_setting(t, std::to_string(i), "made");
      t.commit();
      return 0;
    }));
  for (const pid_t child : children) CHECK(wait_for(child) == 0);
  const auto database = Database::open(path, Open::existing);
  CHECK(count(*database, "settings") == 6);
  CHECK(database->check() == "ok");
}

TEST_CASE_METHOD(StoreFixture, "a writer killed in its transaction loses nothing of others") {
  commit([](Transaction& t) { set_setting(t, "kept", "yes"); });
  database.reset();
  const pid_t child = spawn([&] {
    const auto mine = Database::open(path, Open::existing);
    {
      Transaction t(*mine);
      set_setting(t, "committed", "yes");
      t.commit();
    }
    Transaction t(*mine);
    mine->prepare("PRAGMA cache_size = 2").run();  // so that pages spill before the commit
    for (int i = 0; i < 2000; ++i) set_setting(t, "lost" + std::to_string(i), "x");
    ::raise(SIGKILL);
    return 0;
  });
  CHECK(wait_for(child) == 128 + SIGKILL);
  database = Database::open(path, Open::existing);
  CHECK(setting(*database, "kept") == "yes");
  CHECK(setting(*database, "committed") == "yes");
  CHECK(count(*database, "settings") == 2);
  CHECK(database->check() == "ok");
  commit([](Transaction& t) { set_setting(t, "later", "yes"); });
  database.reset();
  CHECK_FALSE(exists(path + "-wal"));  // a log that somebody left behind is not kept
}

TEST_CASE_METHOD(StoreFixture, "a writer is waited for, and then the caller is told: busy") {
  Transaction held(*database);
  const auto other = Database::open(path, Open::existing);
  other->prepare("PRAGMA busy_timeout = 50").run();  // instead of 5 s
  CHECK(fault_of([&] { Transaction second(*other); }) == "busy");
  CHECK_FALSE(setting(*other, "name"));  // readers do not wait
  held.commit();
  CHECK(fault_of([&] { Transaction second(*other); }) == "none");
}

// There SQLite does not wait by itself; processes that make the store at once meet it.
TEST_CASE_METHOD(StoreFixture,
                 "a writer is waited for also where the log's mode must be switched") {
  database->prepare("PRAGMA journal_mode = DELETE").run();
  Transaction held(*database);
  auto writer = std::async(std::launch::async, [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    held.commit();
  });
  CHECK(fault_of([&] { Database::open(path, Open::existing); }) == "none");
  writer.get();
}

TEST_CASE_METHOD(StoreFixture, "patience is five seconds") {
  const auto other = Database::open(path, Open::existing);
  const Transaction held(*database);
  const auto begun = std::chrono::steady_clock::now();
  CHECK(fault_of([&] { const Transaction second(*other); }) == "busy");
  const auto waited = std::chrono::steady_clock::now() - begun;
  CHECK(waited > std::chrono::milliseconds(4900));
  CHECK(waited < std::chrono::seconds(20));
}

// Root may write everywhere, so the test becomes nobody.
TEST_CASE_METHOD(StoreFixture, "a cleanly closed store is read where nothing can be written") {
  reopen();
  commit([](Transaction& t) { set_setting(t, "name", "x"); });
  database.reset();
  REQUIRE(::chmod(directory_of(path).c_str(), 0555) == 0);
  const auto read_as_nobody = [&] {
    const pid_t child = spawn([&] {
      if (::geteuid() == 0 && ::setuid(65534) != 0) return 97;
      if (fault_of([&] { Database::open(path, Open::existing); }) != "not-permitted") return 1;
      const auto mine = Database::open(path, Open::read_only);
      return setting(*mine, "name") == "x" ? 0 : 2;
    });
    return wait_for(child);
  };
  for (const char* end : {"", "-wal", "-shm"}) REQUIRE(::chmod((path + end).c_str(), 0444) == 0);
  CHECK(read_as_nobody() == 0);
  for (const char* end : {"-wal", "-shm"}) REQUIRE(::unlink((path + end).c_str()) == 0);
  CHECK(read_as_nobody() == 0);  // a copy of the store alone
  CHECK(::chmod(directory_of(path).c_str(), 0755) == 0);
}

TEST_CASE("a folder that may not be written cannot get a store") {
  const test::Folder folder;
  REQUIRE(::chmod(directory_of(folder.file("x")).c_str(), 0555) == 0);
  const pid_t child = spawn([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return 97;
    const std::string fault =
        fault_of([&] { Database::open(folder.file("store.db"), Open::create); });
    return fault == "not-permitted" ? 0 : 1;
  });
  CHECK(wait_for(child) == 0);
}

// A limit on file sizes is a full disk to SQLite (EFBIG).
TEST_CASE_METHOD(StoreFixture, "a full disk refuses the transaction and keeps what was there") {
  commit([](Transaction& t) { set_setting(t, "kept", "yes"); });
  database.reset();
  const pid_t child = spawn([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto mine = Database::open(path, Open::existing);
    const rlimit limit{400'000, 400'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 97;
    const std::string fault = fault_of([&] {
      Transaction t(*mine);
      for (int i = 0; i < 400; ++i)
        set_setting(t, "lost" + std::to_string(i), std::string(4000, 'x'));
      t.commit();
    });
    if (fault != "output-failed") return 1;
    return setting(*mine, "kept") == "yes" ? 0 : 2;
  });
  CHECK(wait_for(child) == 0);
  database = Database::open(path, Open::existing);
  CHECK(count(*database, "settings") == 1);
  CHECK(database->check() == "ok");
}

TEST_CASE_METHOD(StoreFixture, "a hundred thousand rows go in and are found in seconds") {
  const auto begin = std::chrono::steady_clock::now();
  commit([&](Transaction& t) {
    const Bytes record(300, 'r'), chain(32, 1);
    for (std::int64_t seq = 0; seq < 100'000; ++seq) insert_audit(t, {seq, record, chain});
  });
  std::int64_t seen = 0;
  each_audit(*database, 0, [&](const AuditRow& row) { return row.seq == seen++; });
  CHECK(seen == 100'000);
  CHECK(audit_size(*database) == 100'000);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
}

}  // namespace
}  // namespace tsp::store
