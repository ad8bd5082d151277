#include "ops/locked_file.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>

#include "base/error.h"

namespace tsp::ops {
namespace {

constexpr std::chrono::milliseconds kPause{20};
constexpr std::chrono::minutes kPatience{1};

bool is_still(const std::string& path, const Fd& file) {
  struct stat named {
  }, opened{};
  return ::stat(path.c_str(), &named) == 0 && ::fstat(file.get(), &opened) == 0 &&
         named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

// False where somebody else holds it.
bool try_lock(const Fd& file) {
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) break;  // no locks here
  }
  return true;
}

}  // namespace

Fd open_locked(const std::string& path, const World& world) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    Fd file = open_for_reading(path);
    if (try_lock(file)) {
      if (is_still(path, file)) return file;
      continue;  // it was replaced by whoever held the lock
    }
    if (std::chrono::steady_clock::now() > end)
      throw Error(Fault::busy, path + " is being extended by somebody else", "",
                  "nothing was written; try again");
    world.stop_if_asked();
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace tsp::ops
