#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ops/channel.h"

namespace tsp::ops {
namespace {

using namespace std::chrono_literals;
constexpr auto kStep = 5ms;

Error not_now(const std::string& program, const std::string& why) {
  return {Fault::busy, "the message cannot be delivered by " + printable(program), why};
}

Error others_may(const std::string& path) {
  return {Fault::policy_refused, "the message cannot be delivered",
          "others may write " + printable(path) + ", or it is neither ours nor root's",
          "chmod go-w " + printable(path)};
}

bool is_ours(const struct stat& info) {
  return info.st_uid == ::geteuid() || info.st_uid == 0;
}

// The program itself, links resolved, once it is known that only we and root can exchange it.
std::string checked_program(const std::string& path) {
  std::array<char, PATH_MAX> buffer{};
  if (path.empty() || path.front() != '/' || ::realpath(path.c_str(), buffer.data()) == nullptr)
    throw not_now(path, "it is not there");
  std::string resolved(buffer.data());
  struct stat info {};
  if (::stat(resolved.c_str(), &info) != 0 || !S_ISREG(info.st_mode))
    throw not_now(path, "it is no program");
  if (!is_ours(info) || (info.st_mode & 022) != 0) throw others_may(path);
  for (std::string folder = directory_of(resolved);; folder = directory_of(folder)) {
    if (::stat(folder.c_str(), &info) != 0) throw not_now(path, "its folder is not there");
    const bool writable = (info.st_mode & 022) != 0 && (info.st_mode & S_ISVTX) == 0;
    if (!is_ours(info) || writable) throw others_may(folder);
    if (folder == "/" || folder == ".") break;
  }
  return resolved;
}

// The text as a file that has no name and lies in memory: nothing to wait for, nothing on disk.
Fd standard_input(const std::string& program, std::string_view text) {
  Fd fd(::memfd_create("message", MFD_CLOEXEC));
  if (!fd) throw not_now(program, "there is no memory for the text");
  write_all(fd.get(), as_bytes(text), "the message");
  if (::lseek(fd.get(), 0, SEEK_SET) != 0) throw not_now(program, "the text cannot be read");
  return fd;
}

struct Attributes {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t process{};
  Attributes() {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&process);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&process);
  }
};

pid_t start(const std::string& program, const ChannelCommand& command, int input) {
  Attributes attributes;
  auto& files = attributes.files;
  ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  ::posix_spawn_file_actions_addchdir_np(&files, "/");
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes.process, &none);
  ::posix_spawnattr_setsigdefault(&attributes.process, &all);
  ::posix_spawnattr_setpgroup(&attributes.process, 0);
  ::posix_spawnattr_setflags(
      &attributes.process, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::array<std::string, 3> words{program, command.address, command.subject};
  const std::array<char*, 4> argv{words[0].data(), words[1].data(), words[2].data(), nullptr};
  std::array<std::string, 2> variables{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"};
  const std::array<char*, 3> environment{variables[0].data(), variables[1].data(), nullptr};
  pid_t process = 0;
  const int failed = ::posix_spawn(&process, program.c_str(), &files, &attributes.process,
                                   argv.data(), environment.data());
  if (failed != 0) throw not_now(command.program, "it cannot be run");
  return process;
}

// Ends what was begun. The leader is not reaped before, so the group's number is still its own.
void kill_group(pid_t process) {
  ::kill(-process, SIGKILL);
  while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// The status that waitpid() gives, or nothing when the time is over and the group was killed.
std::optional<int> wait_for(pid_t process, std::chrono::milliseconds patience,
                            const std::function<void()>& stop) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    int status = 0;
    if (::waitpid(process, &status, WNOHANG) == process) return status;
    try {
      if (stop) stop();
    } catch (...) {
      kill_group(process);
      throw;
    }
    if (std::chrono::steady_clock::now() >= end) {
      kill_group(process);
      return std::nullopt;
    }
    std::this_thread::sleep_for(kStep);
  }
}

}  // namespace

void run_channel_command(const ChannelCommand& command, const std::function<void()>& stop) {
  const std::string program = checked_program(command.program);
  const Fd input = standard_input(command.program, command.text);
  const pid_t process = start(program, command, input.get());
  const auto status = wait_for(process, command.patience, stop);
  if (!status)
    throw not_now(command.program, fmt::format("it did not end within {} ms and was killed",
                                               command.patience.count()));
  if (!WIFEXITED(*status))
    throw not_now(command.program, fmt::format("signal {} ended it", WTERMSIG(*status)));
  if (WEXITSTATUS(*status) != 0)
    throw not_now(command.program, fmt::format("it ended with status {}", WEXITSTATUS(*status)));
}

}  // namespace tsp::ops
