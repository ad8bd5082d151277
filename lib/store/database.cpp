#include "store/database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/files.h"
#include "store/kept_log.h"
#include "store/schema.h"
#include "store/sqlite.h"

namespace tsp::store {
namespace {

// Made here, because SQLite would make it by the umask; its WAL takes over this mode. An existing
// file is not opened: closing it would drop the locks of this process's other connections.
void make_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd && errno != EEXIST) throw_errno(errno, "cannot make the store " + path);
  if (fd) sync_directory(directory_of(path));
}

std::string uri_of(const std::string& path, bool immutable) {
  std::string uri = "file:";
  for (const char c : absolute_path(path)) {
    if (c == '?' || c == '#' || c == '%')
      uri += c == '?' ? "%3f" : c == '#' ? "%23" : "%25";
    else
      uri += c;
  }
  return immutable ? uri + "?immutable=1" : uri;
}

// Called while another process writes: 0 gives up. SQLite's own handler sleeps for 1, 2, 5, 10 …
// 100 ms, and a commit takes less than one: with several writers most of the time would be sleep.
int wait_for_others(void*, int times) {
  constexpr int kQuick = 50, kQuickUs = 100, kSlowUs = 1000;
  constexpr int kMost = kQuick + (kPatienceMs * 1000 - kQuick * kQuickUs) / kSlowUs;
  if (times >= kMost) return 0;
  ::usleep(times < kQuick ? kQuickUs : kSlowUs);
  return 1;
}

std::unique_ptr<Database::State> connect(const std::string& path, int flags, bool immutable) {
  auto state = std::make_unique<Database::State>();
  state->path = path;
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(uri_of(path, immutable).c_str(), &handle,
                      flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE,
                      kept_log::file_system());
  state->handle.reset(handle);
  if (code != SQLITE_OK) throw_sqlite(handle, path, "open");
  sqlite3_busy_handler(handle, &wait_for_others, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if ((flags & SQLITE_OPEN_READWRITE) != 0)
    execute(*state,
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; "
            // The file's pages are read where the kernel has them: with a million credentials no
            // cache of ours holds what the next caller asks for. A disk that fails under a mapped
            // page ends the process, as a worker's death any other.
            "PRAGMA mmap_size = 2147418112",
            "open");
  const std::int64_t version = kept_log::version(handle);
  if (version >= 0 && kept_log::is_empty(handle)) state->alone_since = version;
  return state;
}

bool is_regular(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// A WAL file needs its shared-memory file, which cannot be made in a folder that cannot be written.
// Where the store was closed cleanly there is nothing in the WAL, and the file alone says all.
bool readable_as_it_is(sqlite3* handle) {
  return sqlite3_exec(handle, "SELECT 1 FROM sqlite_master", nullptr, nullptr, nullptr) ==
         SQLITE_OK;
}

}  // namespace

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}

Database::~Database() {
  if (state_->forgets)
    kept_log::cut(state_->handle.get());
  else if (state_->alone_since && kept_log::version(state_->handle.get()) == state_->alone_since)
    kept_log::keep(state_->handle.get());
}

std::unique_ptr<Database> Database::open(const std::string& path, Open how) {
  if (how == Open::create)
    make_file(path);
  else if (!exists(path))
    throw Error(Fault::not_found, "cannot open the store " + path, "there is none",
                "found a TSP with tsp init, or name its HOME");
  if (!is_regular(path))
    throw Error(Fault::bad_input, "cannot open the store " + path, "it is not a regular file");
  const int flags = how == Open::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  auto state = connect(path, flags, false);
  if (how == Open::read_only && !readable_as_it_is(state->handle.get()) &&
      kept_log::is_empty(state->handle.get())) {
    const int code = sqlite3_errcode(state->handle.get()) & 0xff;
    if (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) state = connect(path, flags, true);
  }
  std::unique_ptr<Database> database(new Database(std::move(state)));
  ensure_schema(*database, how);
  return database;
}

std::int64_t Database::changes() const {
  return sqlite3_changes(state_->handle.get());
}

void Database::truncate_log() {
  Statement checkpoint = prepare("PRAGMA wal_checkpoint(TRUNCATE)");
  if (checkpoint.step() && checkpoint.integer(0) != 0)
    throw Error(Fault::busy, "cannot empty the log of the store " + path(),
                "another process uses it", "try again");
}

void Database::forget() {
  state_->forgets = true;
}

std::string Database::check() {
  try {
    Statement integrity = prepare("PRAGMA integrity_check(1)");
    if (integrity.step() && integrity.text(0) != "ok") return integrity.text(0);
    Statement references = prepare("PRAGMA foreign_key_check");
    if (references.step()) return "a row of " + references.text(0) + " refers to nothing";
  } catch (const Error& error) {
    if (error.fault == Fault::tampered) return error.why;
    throw;
  }
  return "ok";
}

const std::string& Database::path() const {
  return state_->path;
}

}  // namespace tsp::store
