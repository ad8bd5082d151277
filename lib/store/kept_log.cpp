#include "store/kept_log.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "base/files.h"

namespace tsp::store::kept_log {
namespace {

constexpr int kHeader = 32;
constexpr std::array<std::uint8_t, kHeader> kNothing{};
constexpr const char* kName = "tsp";
constexpr const char* kEnd = "-wal";  // of a log's name

// A log as SQLite sees it; the file of its own file system lies behind it in the same memory.
struct Log : sqlite3_file {
  bool kept;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

Log& log_of(sqlite3_file* file) {
  return *static_cast<Log*>(file);
}

// Calls the same method of the real file.
template <auto member, class... Given>
int pass(sqlite3_file* file, Given... given) {
  sqlite3_file* const real = log_of(file).real();
  return (real->pMethods->*member)(real, given...);
}

// To nothing, where the log is to be kept: only closing the last connection asks for that.
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  Log& log = log_of(file);
  sqlite3_int64 now = 0;
  if (!log.kept || size != 0 || pass<&sqlite3_io_methods::xFileSize>(file, &now) != SQLITE_OK ||
      now < kHeader || now > kLargest)
    return pass<&sqlite3_io_methods::xTruncate>(file, size);
  return pass<&sqlite3_io_methods::xWrite>(file, static_cast<const void*>(kNothing.data()), kHeader,
                                           sqlite3_int64{0});
}

const sqlite3_io_methods kMethods = {
    1,  // no shared memory, no mapping: those are the store's own file's
    &pass<&sqlite3_io_methods::xClose>,
    &pass<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    &pass<&sqlite3_io_methods::xWrite, const void*, int, sqlite3_int64>,
    &truncate,
    &pass<&sqlite3_io_methods::xSync, int>,
    &pass<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    &pass<&sqlite3_io_methods::xLock, int>,
    &pass<&sqlite3_io_methods::xUnlock, int>,
    &pass<&sqlite3_io_methods::xCheckReservedLock, int*>,
    &pass<&sqlite3_io_methods::xFileControl, int, void*>,
    &pass<&sqlite3_io_methods::xSectorSize>,
    &pass<&sqlite3_io_methods::xDeviceCharacteristics>,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

enum class Found { absent, emptied, short_of_a_header, content, unreadable };

Found look_at(const char* log) {
  const Fd file(::open(log, O_RDONLY | O_CLOEXEC));
  if (!file) return errno == ENOENT ? Found::absent : Found::unreadable;
  std::array<std::uint8_t, kHeader> header{};
  const ssize_t got = ::read(file.get(), header.data(), header.size());
  if (got < 0) return Found::unreadable;
  if (got < kHeader) return Found::short_of_a_header;
  return header == kNothing ? Found::emptied : Found::content;
}

sqlite3_vfs* usual() {
  static sqlite3_vfs* const found = sqlite3_vfs_find(nullptr);
  return found;
}

// SQLite opens for reading what it cannot open for writing, for whatever reason. With a log that is
// there it would then be found out at the first change, as something that must not be written.
int open_other(const char* name, sqlite3_file* file, int flags, int* out_flags) {
  int got = flags;
  errno = 0;
  const int code = usual()->xOpen(usual(), name, file, flags, &got);
  const int reason = errno;  // of the first try; the second was a success
  if (out_flags != nullptr) *out_flags = got;
  const bool only_read = (flags & SQLITE_OPEN_READWRITE) != 0 && (got & SQLITE_OPEN_READONLY) != 0;
  if (code != SQLITE_OK || !only_read) return code;
  file->pMethods->xClose(file);
  file->pMethods = nullptr;
  errno = reason != 0 ? reason : EACCES;
  return SQLITE_CANTOPEN;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  if ((flags & SQLITE_OPEN_WAL) == 0) return open_other(name, file, flags, out_flags);
  // SQLite syncs the folder of a log that it may have made. One that was emptied was synced before.
  if (look_at(name) == Found::emptied) flags &= ~SQLITE_OPEN_CREATE;
  Log& log = *new (file) Log{};
  const int code = usual()->xOpen(usual(), name, log.real(), flags, out_flags);
  // A real file without methods is none, and is not closed.
  if (log.real()->pMethods != nullptr) log.pMethods = &kMethods;
  return code;
}

// An emptied log is none, as an empty file is none to SQLite: what the store's own header says of
// its mode counts.
int is_there(sqlite3_vfs*, const char* name, int flags, int* out) {
  const int code = usual()->xAccess(usual(), name, flags, out);
  if (code == SQLITE_OK && *out != 0 && flags == SQLITE_ACCESS_EXISTS &&
      std::string_view(name).ends_with(kEnd) && look_at(name) == Found::emptied)
    *out = 0;
  return code;
}

// All but these two is the usual file system's, which finds its own by pAppData.
sqlite3_vfs with_kept_logs() {
  sqlite3_vfs made = *usual();
  made.zName = kName;
  made.pNext = nullptr;
  made.szOsFile += static_cast<int>(sizeof(Log));
  made.xOpen = &open_file;
  made.xAccess = &is_there;
  return made;
}

}  // namespace

const char* file_system() {
  static sqlite3_vfs made = with_kept_logs();
  static const bool known = sqlite3_vfs_register(&made, 0) == SQLITE_OK;
  return known ? kName : nullptr;
}

std::int64_t version(sqlite3* connection) {
  std::int64_t out = -1;
  const auto take = [](void* into, int, char** values, char**) {
    *static_cast<std::int64_t*>(into) = std::strtoll(values[0], nullptr, 10);
    return 0;
  };
  sqlite3_exec(connection, "PRAGMA data_version", take, &out, nullptr);
  return out;
}

void keep(sqlite3* connection) {
  sqlite3_file* log = nullptr;
  if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK ||
      log == nullptr || log->pMethods != &kMethods)
    return;
  int stays = 1;
  if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_PERSIST_WAL, &stays) != SQLITE_OK)
    return;
  // SQLite then cuts the log to nothing, when all of it is in the store and synced.
  if (sqlite3_exec(connection, "PRAGMA journal_size_limit = 0", nullptr, nullptr, nullptr) !=
      SQLITE_OK)
    return;
  log_of(log).kept = true;
}

void cut(sqlite3* connection) {
  sqlite3_busy_handler(connection, nullptr, nullptr);
  sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

bool is_empty(sqlite3* connection) {
  const char* const store = sqlite3_db_filename(connection, "main");  // without symbolic links
  if (store == nullptr) return false;
  const Found found = look_at((std::string(store) + kEnd).c_str());
  return found != Found::content && found != Found::unreadable;
}

}  // namespace tsp::store::kept_log
