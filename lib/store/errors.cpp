#include <cerrno>

#include "base/error.h"
#include "store/sqlite.h"

namespace tsp::store {
namespace {

struct Meaning {
  Fault fault;
  std::string next;
};

Meaning meaning_of(int extended_code) {
  switch (extended_code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      return {Fault::already_exists, {}};
    default:
      break;
  }
  switch (extended_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Fault::busy, "another process is writing; nothing was changed, try again"};
    case SQLITE_FULL:
      return {Fault::output_failed, "make room on the disk; nothing was changed"};
    case SQLITE_IOERR:
      return {Fault::output_failed, "look at the disk; nothing was changed"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Fault::tampered, "keep the file for examination and restore a backup"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Fault::not_permitted, "run as the owner of the store; nothing was changed"};
    default:
      return {Fault::failed, {}};
  }
}

}  // namespace

void throw_sqlite(sqlite3* handle, const std::string& path, const std::string& doing) {
  const int code = handle != nullptr ? sqlite3_extended_errcode(handle) : SQLITE_NOMEM;
  const std::string why = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  const std::string what = "cannot " + doing + " the store " + path;
  if ((code & 0xff) == SQLITE_CANTOPEN) {
    const int error_number = sqlite3_system_errno(handle);
    // The store itself is there, or nobody would have come here: it is a file beside it.
    if (error_number == ENOENT)
      throw Error(Fault::output_failed, what, "its log cannot be opened or made",
                  "look at the disk and at the store's folder; nothing was changed");
    if (error_number != 0)
      throw_errno(error_number, what, "the store's folder must be there and ours to write");
  }
  const Meaning meaning = meaning_of(code);
  throw Error(meaning.fault, what, why, meaning.next);
}

void execute(Database::State& state, const std::string& sql, const std::string& doing) {
  if (sqlite3_exec(state.handle.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw_sqlite(state.handle.get(), state.path, doing);
}

}  // namespace tsp::store
