#include "ops/open_input.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"

namespace tsp::ops {

Fd open_input(const World& world, const std::string& name) {
  if (name != "-") return open_for_reading(name);
  constexpr std::size_t kLargestPiped = std::size_t{1} << 30;
  const Bytes all = read_all(STDIN_FILENO, kLargestPiped, "standard input", world.stop);
  Fd fd(::memfd_create("tsp-input", MFD_CLOEXEC));
  if (!fd) throw_errno(errno, "cannot keep standard input");
  write_all(fd.get(), all, "standard input");
  return fd;
}

}  // namespace tsp::ops
