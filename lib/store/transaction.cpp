#include "base/error.h"
#include "store/sqlite.h"

namespace tsp::store {
namespace {

bool inside(Database& database) {
  return sqlite3_get_autocommit(database.state().handle.get()) == 0;
}

// A failure of COMMIT may have rolled back already. Never throws: destructors call it.
void roll_back(Database& database) noexcept {
  if (inside(database))
    sqlite3_exec(database.state().handle.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace

Transaction::Transaction(Database& database) : database_(database) {
  if (inside(database))
    throw Error(Fault::failed, "cannot begin a transaction", "one is open on this connection");
  database.prepare("BEGIN IMMEDIATE").run();
}

Transaction::~Transaction() {
  if (open_) roll_back(database_);
}

void Transaction::commit() {
  if (!open_) throw Error(Fault::failed, "cannot commit", "the transaction has ended");
  database_.prepare("COMMIT").run();
  open_ = false;
}

// BEGIN alone fixes the state only at the first read, so one is made at once.
Snapshot::Snapshot(Database& database) : database_(database) {
  if (inside(database)) return;
  database.prepare("BEGIN").run();
  open_ = true;
  try {
    database.prepare("SELECT MAX(version) FROM schema_versions").run();
  } catch (...) {
    roll_back(database_);
    throw;
  }
}

Snapshot::~Snapshot() {
  if (open_) roll_back(database_);
}

}  // namespace tsp::store
