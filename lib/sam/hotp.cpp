// HOTP with a counter of events. hotp() itself stands in totp.cpp.
#include <limits>

#include "sam/codes.h"
#include "sam/factors.h"
#include "sam/token_uri.h"

namespace tsp::sam {

std::optional<std::int64_t> match_hotp(ByteView seed, std::string_view code, std::int64_t next) {
  if (next < 0 || next > std::numeric_limits<std::int64_t>::max() - kHotpWindow)
    return std::nullopt;
  std::optional<std::int64_t> found;
  // Without an early way out: the time taken tells nothing. The first that fits counts, so that a
  // later counter with the same code does not lock the token out.
  for (std::int64_t counter = next; counter <= next + kHotpWindow; ++counter) {
    std::string right = hotp(seed, static_cast<std::uint64_t>(counter));
    const bool same = equal_in_constant_time(as_bytes(right), as_bytes(code));
    if (same && !found) found = counter;
    wipe({reinterpret_cast<std::uint8_t*>(right.data()), right.size()});
  }
  return found;
}

Secret hotp_uri(std::string_view issuer, std::string_view account, const Secret& seed) {
  return token_uri("otpauth://hotp/", issuer, account, seed, "algorithm=SHA1&digits=6&counter=0");
}

}  // namespace tsp::sam
