#include "base/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/secret.h"

namespace tsp {
namespace fs = std::filesystem;

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

int Fd::release() {
  return std::exchange(fd_, -1);
}

void Fd::close() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Fd open_for_reading(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) throw_errno(errno, "cannot open " + path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw_errno(errno, "cannot examine " + path);
  if (S_ISDIR(info.st_mode))
    throw Error(Fault::bad_input, "cannot read " + path, "it is a directory");
  if (!S_ISREG(info.st_mode))
    throw Error(Fault::bad_input, "cannot read " + path, "it is not a regular file");
  return fd;
}

std::uint64_t size_of(const Fd& fd, const std::string& name) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw_errno(errno, "cannot examine " + name);
  return static_cast<std::uint64_t>(info.st_size);
}

Bytes read_all(int fd, std::size_t limit, const std::string& name,
               const std::function<void()>& stop) {
  Bytes out;
  struct stat info {};
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0)
    out.reserve(std::min(limit, static_cast<std::size_t>(info.st_size)) + 1);
  std::size_t have = 0;
  while (true) {
    if (out.capacity() == have) out.reserve(std::max<std::size_t>(have * 2, 16384));
    out.resize(out.capacity());
    const ssize_t got = ::read(fd, out.data() + have, out.size() - have);
    if (got < 0 && errno == EINTR) {
      if (stop) stop();
      continue;
    }
    if (got < 0) throw_errno(errno, "cannot read " + name);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
    if (have > limit)
      throw Error(Fault::bad_input, "cannot read " + name,
                  "it is larger than " + std::to_string(limit) + " octets");
  }
  out.resize(have);
  return out;
}

Bytes read_file(const std::string& path, std::size_t limit) {
  const Fd fd = open_for_reading(path);
  return read_all(fd.get(), limit, path);
}

void write_all(int fd, ByteView bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) throw_errno(errno, "cannot write " + name);
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
  }
}

MappedFile::MappedFile(const Fd& fd, const std::string& name) {
  size_ = static_cast<std::size_t>(size_of(fd, name));
  if (size_ == 0) return;
  void* at = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (at == MAP_FAILED) throw_errno(errno, "cannot map " + name);
  data_ = static_cast<const std::uint8_t*>(at);
  ::madvise(at, size_, MADV_SEQUENTIAL);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::uint8_t*>(data_), size_);
}

namespace {

const char* other_name(Existing existing) {
  return existing == Existing::keep ? "give another name, or look whether that file may go"
                                    : "give another name, or --force to replace it";
}

constexpr int kHiddenNames = 10;

// The hidden names of a target, `number` from 0 to kHiddenNames; the last one is never twice the
// same. Of a long name only the beginning is in them, so that they are no longer than names may be.
std::string hidden_name(const std::string& path, int number) {
  const std::string end =
      ".tsp-new-" + (number < kHiddenNames ? std::to_string(number) : to_hex(random_bytes(6)));
  return directory_of(path) + "/." + file_name_of(path).substr(0, NAME_MAX - 1 - end.size()) + end;
}

// Calls `take` with one hidden name after the other, until it says that it took one.
template <class Take>
void take_hidden_name(const std::string& path, Take take) {
  for (int number = 0; number <= kHiddenNames; ++number)
    if (take(hidden_name(path, number))) return;
  throw_errno(EEXIST, "cannot write " + path);
}

bool lock_at_once(const Fd& fd) {
  return ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
}

bool is_named(const Fd& fd, const std::string& name) {
  struct stat open {};
  struct stat named {};
  return ::fstat(fd.get(), &open) == 0 && ::lstat(name.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

bool is_file_of_ours(const Fd& fd) {
  struct stat info {};
  return ::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == ::geteuid();
}

// Once the lock is ours no writer of this file lives, and none but us may unlink it: the name,
// looked at after that, stays what it is. What we may not look at stays.
void remove_leftover(const std::string& name) {
  if (!exists(name)) return;
  const Fd fd(::open(name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (fd && is_file_of_ours(fd) && lock_at_once(fd) && is_named(fd, name)) ::unlink(name.c_str());
}

void remove_leftovers(const std::string& path) {
  for (int number = 0; number < kHiddenNames; ++number) remove_leftover(hidden_name(path, number));
}

bool is_special(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

}  // namespace

OutputFile::OutputFile(std::string path, Existing existing, mode_t mode)
    : path_(std::move(path)), existing_(existing) {
  if (is_special(path_)) {
    open_special();
    return;
  }
  if (fs::is_directory(path_))
    throw Error(Fault::bad_input, "cannot write " + path_, "it is a directory");
  remove_leftovers(path_);
  if (existing_ != Existing::replace && exists(path_))
    throw Error(Fault::already_exists, path_ + " is there already", "", other_name(existing_));
  open_nameless(mode);
}

void OutputFile::open_special() {
  special_ = true;
  fd_ = Fd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd_) throw_errno(errno, "cannot write " + path_);
}

void OutputFile::open_nameless(mode_t mode) {
  fd_ = Fd(::open(directory_of(path_).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
  if (fd_) {
    lock_at_once(fd_);
    return;
  }
  if (errno != EOPNOTSUPP && errno != EISDIR) throw_errno(errno, "cannot write " + path_);
  take_hidden_name(path_, [&](const std::string& name) { return open_hidden(name, mode); });
}

bool OutputFile::open_hidden(const std::string& name, mode_t mode) {
  fd_ = Fd(::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd_ && errno == EEXIST) return false;
  if (!fd_) throw_errno(errno, "cannot write " + path_);
  // Another writer may have thought it a leftover, as long as it was not locked.
  if (!lock_at_once(fd_) && errno == EWOULDBLOCK) return false;
  if (!is_named(fd_, name)) return false;
  temporary_ = name;
  return true;
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(ByteView bytes) {
  write_all(fd_.get(), bytes, path_);
}

bool OutputFile::link_as(const std::string& name) {
  const std::string source =
      temporary_.empty() ? "/proc/self/fd/" + std::to_string(fd_.get()) : temporary_;
  if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0)
    return true;
  if (errno == EEXIST) return false;
  throw_errno(errno, "cannot write " + path_);
}

void OutputFile::put_in_place() {
  if (existing_ == Existing::replace) {
    replace();
  } else {
    if (!link_as(path_))
      throw Error(Fault::already_exists, path_ + " appeared meanwhile", "", other_name(existing_));
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }
  temporary_.clear();
}

void OutputFile::replace() {
  if (temporary_.empty()) {
    if (link_as(path_)) return;  // there was nothing to replace
    take_hidden_name(path_, [&](const std::string& name) {
      if (!link_as(name)) return false;
      temporary_ = name;
      return true;
    });
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) throw_errno(errno, "cannot write " + path_);
}

void OutputFile::keep() {
  if (special_) {
    if (::close(fd_.release()) != 0) throw_errno(errno, "cannot write " + path_);
    return;
  }
  if (::fsync(fd_.get()) != 0) throw_errno(errno, "cannot write " + path_);
  put_in_place();
  fd_.close();
  try {
    sync_directory(directory_of(path_));
  } catch (const Error&) {
    if (existing_ != Existing::replace) ::unlink(path_.c_str());  // what failed can be done again
    throw;
  }
}

void write_file(const std::string& path, ByteView bytes, Existing existing, mode_t mode) {
  OutputFile file(path, existing, mode);
  file.write(bytes);
  file.keep();
}

void make_directory(const std::string& path, mode_t mode) {
  const std::string parent = directory_of(path);
  if (!exists(parent)) make_directory(parent, 0755);
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    throw_errno(errno, "cannot make " + path);
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

std::string absolute_path(const std::string& path) {
  return fs::absolute(path).lexically_normal().string();
}

std::string directory_of(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

std::string file_name_of(const std::string& path) {
  return fs::path(path).filename().string();
}

void sync_directory(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) throw_errno(errno, "cannot open " + path);
  if (::fsync(fd.get()) != 0 && errno != EINVAL) throw_errno(errno, "cannot sync " + path);
}

FileLock::FileLock(const std::string& path, int patience_ms) {
  fd_ = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd_) throw_errno(errno, "cannot open the lock " + path);
  for (int waited = 0;; waited += 5) {
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) == 0) return;
    if (errno != EWOULDBLOCK && errno != EINTR) throw_errno(errno, "cannot lock " + path);
    if (waited >= patience_ms)
      throw Error(Fault::busy, "cannot lock " + path, "another process holds it", "try again");
    ::poll(nullptr, 0, 5);
  }
}

}  // namespace tsp
