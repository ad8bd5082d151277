#include "store/schema.h"

#include <chrono>

#include "base/error.h"
#include "store/migrations.h"

namespace tsp::store {
namespace {

enum class Kind { ours, empty, foreign };

Kind kind_of(Database& database) {
  Statement id = database.prepare("PRAGMA application_id");
  id.step();
  if (id.integer(0) == kApplicationId) return Kind::ours;
  Statement tables = database.prepare("SELECT count(*) FROM sqlite_master");
  tables.step();
  return id.integer(0) == 0 && tables.integer(0) == 0 ? Kind::empty : Kind::foreign;
}

[[noreturn]] void refuse(const Database& database, std::string why, std::string next) {
  throw Error(Fault::tampered, "cannot open the store " + database.path(), std::move(why),
              std::move(next));
}

// The number of migrations that the file has seen, each with the checksum that we know.
std::size_t applied(Database& database) {
  const auto known = migrations();
  std::size_t count = 0;
  Statement rows =
      database.prepare("SELECT version, checksum FROM schema_versions ORDER BY version");
  for (; rows.step(); ++count) {
    if (count == known.size())
      refuse(database, "its schema is newer than this program",
             "use the newer program; nothing was changed");
    if (rows.integer(0) != known[count].version || rows.text(1) != checksum_of(known[count]))
      refuse(database, "its schema is not what this program made",
             "restore a backup, or use the program that made it; nothing was changed");
  }
  if (count == 0) refuse(database, "its schema versions are gone", "restore a backup");
  return count;
}

void apply(Database& database, std::size_t from) {
  const auto known = migrations();
  for (std::size_t i = from; i < known.size(); ++i) {
    execute(database.state(), std::string(known[i].sql), "migrate");
    database.prepare("INSERT INTO schema_versions (version, checksum) VALUES (?, ?)")
        .bind(known[i].version)
        .bind(checksum_of(known[i]))
        .run();
  }
}

void found(Database& database) {
  execute(database.state(), "PRAGMA application_id = " + std::to_string(kApplicationId), "make");
  execute(database.state(),
          "CREATE TABLE schema_versions (version BIGINT PRIMARY KEY, checksum TEXT NOT NULL)",
          "make");
  apply(database, 0);
}

// The mode is lasting, so almost always already so. Where it is not, SQLite holds a read lock when
// it asks for the lock to change the mode, and answers SQLITE_BUSY at once, without its busy
// handler, while somebody else writes or switches too: the waiting is done here.
void switch_to_wal(Database& database) {
  using Clock = std::chrono::steady_clock;
  constexpr int kPauseMs = 10;
  Database::State& state = database.state();
  const auto end = Clock::now() + std::chrono::milliseconds(kPatienceMs);
  const auto ask = [&] {
    return sqlite3_exec(state.handle.get(), "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
  };
  for (int code = ask(); code != SQLITE_OK; code = ask()) {
    if ((code & 0xff) != SQLITE_BUSY || Clock::now() >= end)
      throw_sqlite(state.handle.get(), state.path, "open");
    sqlite3_sleep(kPauseMs);
  }
}

}  // namespace

void ensure_schema(Database& database, Database::Open how) {
  const Kind kind = kind_of(database);
  if (kind == Kind::foreign || (kind == Kind::empty && how != Database::Open::create))
    refuse(database, kind == Kind::empty ? "it is empty" : "it is not a store of this program",
           "name the right file; nothing was changed");
  if (how != Database::Open::read_only) switch_to_wal(database);
  if (kind == Kind::ours && applied(database) == migrations().size()) return;
  if (how == Database::Open::read_only)
    throw Error(Fault::failed, "cannot read the store " + database.path(),
                "its schema is older than this program",
                "run a command that writes first, such as tsp status");

  // Somebody else may have been quicker: look again where nobody else can write.
  Transaction transaction(database);
  if (kind_of(database) == Kind::empty)
    found(database);
  else
    apply(database, applied(database));
  transaction.commit();
}

}  // namespace tsp::store
