// libtsp_fault.so: counts the calls by which a program changes files, and kills it or fails the
// call at the Nth. Loaded with LD_PRELOAD. Settings, from the environment:
//
//   TSP_FAULT_AT=N            at the Nth counted call, from 1; without it calls are only counted
//   TSP_FAULT_KIND=kill       SIGKILL before the call is made (default)
//                 =torn       SIGKILL after half of the bytes of a write; else like kill
//                 =enospc     the call fails with ENOSPC (unlink never does)
//                 =eio        the call fails with EIO
//                 =eacces     the call fails with EACCES
//                 =erofs      the call fails with EROFS
//   TSP_FAULT_STAY=1          enospc, eio, eacces and erofs: every later counted call fails too
//   TSP_FAULT_WHILE_FILE=PATH every counted call fails while this file is there, whatever its
//   number:
//                             trouble that comes and goes under a running server
//   TSP_FAULT_FREE_FILE=PATH  while this file is there, statvfs says that as many octets are free
//   as
//                             it tells in decimal
//   TSP_FAULT_CALLS=LIST      of write,fsync,rename,link,unlink,open,truncate (default: all these)
//                             and stdio (fwrite, fflush: what C programs write through FILE) and
//                             read (open*, fopen for reading)
//   TSP_FAULT_UNDER=FOLDER    only files whose absolute path begins so
//   TSP_FAULT_CHILDREN=1      also in forked children; else these run undisturbed, because a
//                             jailed parser may not make the calls of this shim
//   TSP_FAULT_COUNT_FILE=PATH gets the total, as decimal text
//   TSP_FAULT_LOG_FILE=PATH   gets a line a call: number, class, file
//
// Counted are write, pwrite, writev, pwritev on regular files; fsync and fdatasync on files and
// folders; rename*, link*, unlink*; open*, creat and fopen for writing; truncate, ftruncate. Not
// seen: writes inside the C library itself, memory maps, system calls made directly.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <climits>

#include "fault/counter.h"

namespace {

using tsp::fault::Counter;

enum class Kind { kill, torn, enospc, eio, eacces, erofs };
enum class Verdict { go, fail, tear };

struct Settings {
  unsigned long at;
  Kind kind;
  bool stay;
  const char* calls;
  const char* under;
  const char* while_file;
};

Settings settings;
Counter counter;
bool in_child = false;

Kind kind_setting() {
  const char* kind = tsp::fault::setting("TSP_FAULT_KIND");
  if (kind == nullptr || std::strcmp(kind, "kill") == 0) return Kind::kill;
  if (std::strcmp(kind, "torn") == 0) return Kind::torn;
  if (std::strcmp(kind, "enospc") == 0) return Kind::enospc;
  if (std::strcmp(kind, "eio") == 0) return Kind::eio;
  if (std::strcmp(kind, "eacces") == 0) return Kind::eacces;
  if (std::strcmp(kind, "erofs") == 0) return Kind::erofs;
  std::fprintf(stderr, "libtsp_fault: unknown TSP_FAULT_KIND %s\n", kind);
  Counter::die();
}

// Runs at the first interposed call or at load, whichever is earlier.
__attribute__((constructor)) void start() {
  if (counter.started()) return;
  settings.at = tsp::fault::number_setting("TSP_FAULT_AT", 0);
  settings.kind = kind_setting();
  settings.stay = tsp::fault::number_setting("TSP_FAULT_STAY", 0) != 0;
  const char* calls = tsp::fault::setting("TSP_FAULT_CALLS");
  settings.calls = calls != nullptr ? calls : "write,fsync,rename,link,unlink,open,truncate";
  settings.under = tsp::fault::setting("TSP_FAULT_UNDER");
  settings.while_file = tsp::fault::setting("TSP_FAULT_WHILE_FILE");
  counter.start(tsp::fault::setting("TSP_FAULT_COUNT_FILE"),
                tsp::fault::setting("TSP_FAULT_LOG_FILE"));
  if (tsp::fault::number_setting("TSP_FAULT_CHILDREN", 0) == 0)
    ::pthread_atfork(nullptr, nullptr, [] { in_child = true; });
}

// The absolute path of a name relative to `dirfd`, or the name itself where none can be had.
void absolute_path(int dirfd, const char* name, char* out, std::size_t size) {
  char folder[PATH_MAX] = "";
  if (name[0] != '/') {
    char link[64] = "/proc/self/cwd";
    if (dirfd != AT_FDCWD) std::snprintf(link, sizeof link, "/proc/self/fd/%d", dirfd);
    const ssize_t length = ::readlink(link, folder, sizeof folder - 2);
    if (length > 0) std::memcpy(folder + length, "/", 2);
  }
  std::snprintf(out, size, "%s%s", folder, name);
}

// Counts a call of class `call` on the file `path` and says what is to become of it.
Verdict judge(const char* call, const char* path) {
  if (settings.under != nullptr &&
      std::strncmp(path, settings.under, std::strlen(settings.under)) != 0)
    return Verdict::go;
  const unsigned long number = counter.next(call, path);
  const bool meanwhile = settings.while_file != nullptr && ::access(settings.while_file, F_OK) == 0;
  const bool hit =
      meanwhile ||
      (settings.at != 0 && (number == settings.at || (settings.stay && number > settings.at)));
  if (!hit) return Verdict::go;
  switch (settings.kind) {
    case Kind::torn:
      if (std::strcmp(call, "write") == 0) return Verdict::tear;
      [[fallthrough]];
    case Kind::kill:
      Counter::die();
    case Kind::enospc:
      if (std::strcmp(call, "unlink") == 0) return Verdict::go;
      errno = ENOSPC;
      return Verdict::fail;
    case Kind::eio:
      errno = EIO;
      return Verdict::fail;
    case Kind::eacces:
      errno = EACCES;
      return Verdict::fail;
    case Kind::erofs:
      errno = EROFS;
      return Verdict::fail;
  }
  return Verdict::go;
}

bool watched(const char* call) {
  start();
  return !in_child && tsp::fault::has_word(settings.calls, call);
}

Verdict judge_name(const char* call, int dirfd, const char* name) {
  if (!watched(call)) return Verdict::go;
  char path[2 * PATH_MAX];
  absolute_path(dirfd, name, path, sizeof path);
  return judge(call, path);
}

// errno is kept where the call goes on.
Verdict judge_fd(const char* call, int fd) {
  if (!watched(call)) return Verdict::go;
  const int error_number = errno;
  struct stat status;
  const bool counts =
      ::fstat(fd, &status) == 0 &&
      (S_ISREG(status.st_mode) || (S_ISDIR(status.st_mode) && std::strcmp(call, "fsync") == 0));
  char path[PATH_MAX] = "?";
  if (counts) {
    char link[64];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = ::readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
  }
  errno = error_number;
  return counts ? judge(call, path) : Verdict::go;
}

bool for_writing(int flags) {
  return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
}

Verdict judge_open(int dirfd, const char* name, int flags) {
  return judge_name(for_writing(flags) ? "open" : "read", dirfd, name);
}

// The function that would run without this shim.
template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// Carries out a verdict on a call that answers -1 for failure: `go` makes it.
template <class Call>
auto carry_out(Verdict verdict, Call go) -> decltype(go()) {
  if (verdict == Verdict::fail) return -1;
  return go();
}

// The mode of open(), which is there only where a file may be made.
mode_t mode_argument(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

bool mode_for_writing(const char* mode) {
  return mode[0] != 'r' || std::strchr(mode, '+') != nullptr;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto call = real<decltype(::write)>("write");
  const Verdict verdict = judge_fd("write", fd);
  if (verdict == Verdict::tear) {
    call(fd, bytes, size / 2);
    Counter::die();
  }
  return carry_out(verdict, [&] { return call(fd, bytes, size); });
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  static const auto call = real<decltype(::pwrite)>("pwrite");
  const Verdict verdict = judge_fd("write", fd);
  if (verdict == Verdict::tear) {
    call(fd, bytes, size / 2, offset);
    Counter::die();
  }
  return carry_out(verdict, [&] { return call(fd, bytes, size, offset); });
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return ::pwrite(fd, bytes, size, offset);
}

// A torn vector loses all of its parts but the first.
ssize_t writev(int fd, const struct iovec* parts, int count) {
  static const auto call = real<decltype(::writev)>("writev");
  const Verdict verdict = judge_fd("write", fd);
  if (verdict == Verdict::tear) {
    call(fd, parts, 1);
    Counter::die();
  }
  return carry_out(verdict, [&] { return call(fd, parts, count); });
}

ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t offset) {
  static const auto call = real<decltype(::pwritev)>("pwritev");
  const Verdict verdict = judge_fd("write", fd);
  if (verdict == Verdict::tear) {
    call(fd, parts, 1, offset);
    Counter::die();
  }
  return carry_out(verdict, [&] { return call(fd, parts, count, offset); });
}

int fsync(int fd) {
  static const auto call = real<decltype(::fsync)>("fsync");
  return carry_out(judge_fd("fsync", fd), [&] { return call(fd); });
}

int fdatasync(int fd) {
  static const auto call = real<decltype(::fdatasync)>("fdatasync");
  return carry_out(judge_fd("fsync", fd), [&] { return call(fd); });
}

int rename(const char* from, const char* to) noexcept {
  static const auto call = real<decltype(::rename)>("rename");
  return carry_out(judge_name("rename", AT_FDCWD, to), [&] { return call(from, to); });
}

int renameat(int from_fd, const char* from, int to_fd, const char* to) noexcept {
  static const auto call = real<decltype(::renameat)>("renameat");
  return carry_out(judge_name("rename", to_fd, to), [&] { return call(from_fd, from, to_fd, to); });
}

int renameat2(int from_fd, const char* from, int to_fd, const char* to, unsigned flags) noexcept {
  static const auto call = real<decltype(::renameat2)>("renameat2");
  return carry_out(judge_name("rename", to_fd, to),
                   [&] { return call(from_fd, from, to_fd, to, flags); });
}

int link(const char* from, const char* to) noexcept {
  static const auto call = real<decltype(::link)>("link");
  return carry_out(judge_name("link", AT_FDCWD, to), [&] { return call(from, to); });
}

int linkat(int from_fd, const char* from, int to_fd, const char* to, int flags) noexcept {
  static const auto call = real<decltype(::linkat)>("linkat");
  return carry_out(judge_name("link", to_fd, to),
                   [&] { return call(from_fd, from, to_fd, to, flags); });
}

int unlink(const char* name) noexcept {
  static const auto call = real<decltype(::unlink)>("unlink");
  return carry_out(judge_name("unlink", AT_FDCWD, name), [&] { return call(name); });
}

int unlinkat(int fd, const char* name, int flags) noexcept {
  static const auto call = real<decltype(::unlinkat)>("unlinkat");
  return carry_out(judge_name("unlink", fd, name), [&] { return call(fd, name, flags); });
}

int remove(const char* name) noexcept {
  static const auto call = real<decltype(::remove)>("remove");
  return carry_out(judge_name("unlink", AT_FDCWD, name), [&] { return call(name); });
}

int truncate(const char* name, off_t size) noexcept {
  static const auto call = real<decltype(::truncate)>("truncate");
  return carry_out(judge_name("truncate", AT_FDCWD, name), [&] { return call(name, size); });
}

int ftruncate(int fd, off_t size) noexcept {
  static const auto call = real<decltype(::ftruncate)>("ftruncate");
  return carry_out(judge_fd("truncate", fd), [&] { return call(fd, size); });
}

int statvfs(const char* name, struct statvfs* info) noexcept {
  static const auto call = real<decltype(::statvfs)>("statvfs");
  const int status = call(name, info);
  const char* told = tsp::fault::setting("TSP_FAULT_FREE_FILE");
  FILE* file =
      status == 0 && told != nullptr ? real<decltype(::fopen)>("fopen")(told, "r") : nullptr;
  if (file == nullptr) return status;
  unsigned long long octets = 0;
  if (std::fscanf(file, "%llu", &octets) == 1) info->f_bavail = octets / info->f_frsize;
  std::fclose(file);
  return status;
}
int statvfs64(const char* name, struct statvfs64* info) noexcept {
  return ::statvfs(name, reinterpret_cast<struct statvfs*>(info));
}

int truncate64(const char* name, off64_t size) noexcept {
  return ::truncate(name, size);
}
int ftruncate64(int fd, off64_t size) noexcept {
  return ::ftruncate(fd, size);
}

int openat(int dirfd, const char* name, int flags, ...) {
  static const auto call = real<decltype(::openat)>("openat");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_argument(flags, arguments);
  va_end(arguments);
  return carry_out(judge_open(dirfd, name, flags), [&] { return call(dirfd, name, flags, mode); });
}

int openat64(int dirfd, const char* name, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_argument(flags, arguments);
  va_end(arguments);
  return ::openat(dirfd, name, flags | O_LARGEFILE, mode);
}

int open(const char* name, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_argument(flags, arguments);
  va_end(arguments);
  return ::openat(AT_FDCWD, name, flags, mode);
}

int open64(const char* name, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_argument(flags, arguments);
  va_end(arguments);
  return ::openat(AT_FDCWD, name, flags | O_LARGEFILE, mode);
}

// What _FORTIFY_SOURCE makes of an open() without a mode.
int __open_2(const char* name, int flags) {
  return ::openat(AT_FDCWD, name, flags);
}
int __open64_2(const char* name, int flags) {
  return ::openat(AT_FDCWD, name, flags | O_LARGEFILE);
}
int __openat_2(int dirfd, const char* name, int flags) {
  return ::openat(dirfd, name, flags);
}
int __openat64_2(int dirfd, const char* name, int flags) {
  return ::openat(dirfd, name, flags | O_LARGEFILE);
}

int creat(const char* name, mode_t mode) {
  return ::openat(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char* name, mode_t mode) {
  return ::creat(name, mode);
}

FILE* fopen(const char* name, const char* mode) {
  static const auto call = real<decltype(::fopen)>("fopen");
  const char* call_class = mode_for_writing(mode) ? "open" : "read";
  if (judge_name(call_class, AT_FDCWD, name) == Verdict::fail) return nullptr;
  return call(name, mode);
}

FILE* fopen64(const char* name, const char* mode) {
  return ::fopen(name, mode);
}

size_t fwrite(const void* bytes, size_t size, size_t count, FILE* file) {
  static const auto call = real<decltype(::fwrite)>("fwrite");
  if (judge_fd("stdio", ::fileno(file)) == Verdict::fail) return 0;
  return call(bytes, size, count, file);
}

int fflush(FILE* file) {
  static const auto call = real<decltype(::fflush)>("fflush");
  const Verdict verdict = file != nullptr ? judge_fd("stdio", ::fileno(file)) : Verdict::go;
  return carry_out(verdict, [&] { return call(file); });
}

}  // extern "C"
