// Whole files. Reading has limits; an output file appears whole or not at all.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.h"

namespace tsp {

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { close(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release();
  void close() noexcept;

 private:
  int fd_ = -1;
};

// Opens for reading, close-on-exec. Refuses what is not a regular file with Fault::bad_input, so
// that neither a directory nor a FIFO hangs or confuses a later step.
Fd open_for_reading(const std::string& path);
std::uint64_t size_of(const Fd& fd, const std::string& name);

// The whole file; Error{bad_input} when it is larger than `limit` octets.
Bytes read_file(const std::string& path, std::size_t limit);
// From a descriptor that may be a pipe, to its end. A signal that comes in meanwhile calls `stop`,
// which may throw.
Bytes read_all(int fd, std::size_t limit, const std::string& name,
               const std::function<void()>& stop = {});
// Writes everything or throws; a closed pipe and a full disk are Error{output_failed}.
void write_all(int fd, ByteView bytes, const std::string& name);

// A file seen as memory, read-only. The file must not shrink while this lives: the caller holds the
// descriptor of a file that nobody truncates, or accepts SIGBUS.
class MappedFile {
 public:
  MappedFile(const Fd& fd, const std::string& name);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();
  ByteView view() const { return {data_, size_}; }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// What becomes of a file of that name: refused, with --force as the way round it; refused, and
// nobody is told of a way, since what is there may be the only one (secrets); replaced.
enum class Existing { refuse, keep, replace };

// Leaving scope undoes; only keep() keeps. Until then the file has no name (O_TMPFILE; where the
// file system has none, a hidden one), so that a killed process leaves nothing behind. keep()
// syncs, gives the name, and syncs the folder; where that last step fails, a file that might not
// replace another is taken away again. Refusing an existing target is checked at construction and
// again, atomically, by keep(). A device or FIFO (/dev/stdout, /dev/full) is written to as it is
// and never replaced.
//
// No system call puts a nameless file in the place of another: where a file is really replaced, the
// new one, whole by then, has for one instant a hidden name, .NAME.tsp-new-DIGIT. What a process
// killed in that instant leaves is removed by the next OutputFile of that name. A writer locks its
// file (flock) before that has a name and until it has its last one: what has a hidden name and is
// a regular file of ours that nobody holds locked is nobody's. Writers of one target do not wait
// for each other, the last one wins, and each takes a digit that is free; where none is (more
// writers at once, or files of somebody else in the way), random digits that nobody cleans up
// after. On a file system without flock leftovers stay.
class OutputFile {
 public:
  OutputFile(std::string path, Existing existing, mode_t mode = 0644);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  void write(ByteView bytes);
  void keep();

 private:
  void open_special();
  void open_nameless(mode_t mode);
  // Where there are no nameless files; `name` is hidden. False when it is taken.
  bool open_hidden(const std::string& name, mode_t mode);
  // Gives the file the name; false when it is taken.
  bool link_as(const std::string& name);
  void put_in_place();
  void replace();

  std::string path_, temporary_;
  Existing existing_;
  bool special_ = false;
  Fd fd_;
};

// One call: OutputFile, write, keep.
void write_file(const std::string& path, ByteView bytes, Existing existing, mode_t mode = 0644);

// mkdir with the mode; parents are made with 0755 less the umask. Not an error when it is there.
void make_directory(const std::string& path, mode_t mode);
bool exists(const std::string& path);
std::string absolute_path(const std::string& path);
std::string directory_of(const std::string& path);
std::string file_name_of(const std::string& path);
// fsync of a folder, so that names made in it survive a power cut.
void sync_directory(const std::string& path);

// An advisory lock on a file (flock), held while this lives. The file is made where it is absent.
class FileLock {
 public:
  // Waits up to `patience_ms`, then throws Error{busy}.
  FileLock(const std::string& path, int patience_ms);

 private:
  Fd fd_;
};

}  // namespace tsp
