// The helper as a process of its caller's. For this room alone.
#pragma once

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <optional>

#include "base/files.h"

namespace tsp::jail {

// Shared by the jail and a run that has the helper itself.
class HelperProcess {
 public:
  explicit HelperProcess(pid_t pid) : pid_(pid) {}
  pid_t pid() const { return pid_; }
  // Its wait status, once it has ended; nothing where somebody else was told.
  std::optional<int> wait() {
    const std::lock_guard lock(guard_);
    while (!waited_) {
      int status = 0;
      const pid_t got = ::waitpid(pid_, &status, 0);
      if (got < 0 && errno == EINTR) continue;
      waited_ = true;
      if (got == pid_) status_ = status;
    }
    return status_;
  }

  // From here on it can be watched and killed, whoever has its number then. False where the kernel
  // or a filter knows no pidfd.
  bool watch() {
    ended_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    return static_cast<bool>(ended_);
  }
  int ended() const { return ended_.get(); }  // readable once it has ended; -1 before watch()
  void kill() const {
    if (ended_) ::syscall(SYS_pidfd_send_signal, ended_.get(), SIGKILL, nullptr, 0);
  }

 private:
  const pid_t pid_;
  Fd ended_;
  std::mutex guard_;
  bool waited_ = false;
  std::optional<int> status_;
};

[[noreturn]] void throw_gone();

}  // namespace tsp::jail
