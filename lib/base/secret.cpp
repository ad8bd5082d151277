#include "base/secret.h"

#include <string.h>
#include <sys/random.h>

#include <cerrno>

#include "base/error.h"

namespace tsp {

void wipe(std::span<std::uint8_t> bytes) noexcept {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

Bytes random_bytes(std::size_t size) {
  Bytes out(size);
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = ::getrandom(out.data() + have, size - have, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno(errno, "the kernel gave no random octets");
    have += static_cast<std::size_t>(got);
  }
  return out;
}

Secret Secret::random(std::size_t size) {
  return Secret(random_bytes(size));
}

}  // namespace tsp
