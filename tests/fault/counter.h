// What the fault shim and the PKCS#11 proxy share: settings from the environment, a counter of
// calls that forked children share, its report, and the ways to die.
//
// Everything here goes to the kernel by syscall() and allocates nothing, because it runs inside
// interposed write() and open() of somebody else's process.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tsp::fault {

inline const char* setting(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

inline unsigned long number_setting(const char* name, unsigned long absent) {
  const char* value = setting(name);
  return value != nullptr ? std::strtoul(value, nullptr, 0) : absent;
}

// True where the comma-separated `list` has the word `word`.
inline bool has_word(const char* list, const char* word) {
  const std::size_t length = std::strlen(word);
  for (const char* at = list; at != nullptr; at = std::strchr(at, ',')) {
    if (*at == ',') ++at;
    if (std::strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
      return true;
  }
  return false;
}

// Counts calls over this process and the children that it forks; an executed program counts anew.
class Counter {
 public:
  // `count_file` is rewritten with the total at each call, `log_file` gets a line a call; both may
  // be null. Lives as long as the process.
  void start(const char* count_file, const char* log_file) {
    void* shared = ::mmap(nullptr, sizeof(std::atomic<unsigned long>), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) die();
    total_ = new (shared) std::atomic<unsigned long>(0);
    count_fd_ = open_output(count_file, O_TRUNC);
    log_fd_ = open_output(log_file, O_APPEND);
    report(0);
  }

  bool started() const { return total_ != nullptr; }

  // Counts one call and returns its number, from 1.
  unsigned long next(const char* call, const char* detail) {
    const unsigned long number = total_->fetch_add(1) + 1;
    report(number);
    if (log_fd_ >= 0) {
      char line[512];
      int length = std::snprintf(line, sizeof line, "%lu %s %s\n", number, call, detail);
      if (length >= static_cast<int>(sizeof line)) length = sizeof line - 1;
      ::syscall(SYS_write, log_fd_, line, static_cast<std::size_t>(length));
    }
    return number;
  }

  [[noreturn]] static void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
  }

 private:
  static int open_output(const char* path, int flag) {
    if (path == nullptr) return -1;
    return static_cast<int>(
        ::syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC | flag, 0600));
  }

  // Fixed width, so that a longer number is never followed by an old digit.
  void report(unsigned long number) const {
    if (count_fd_ < 0) return;
    char text[16];
    const int length = std::snprintf(text, sizeof text, "%10lu\n", number);
    ::syscall(SYS_pwrite64, count_fd_, text, static_cast<std::size_t>(length), 0L);
  }

  std::atomic<unsigned long>* total_ = nullptr;
  int count_fd_ = -1;
  int log_fd_ = -1;
};

}  // namespace tsp::fault
