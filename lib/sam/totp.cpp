#include "base/error.h"
#include "sam/codes.h"
#include "sam/factors.h"
#include "sam/token_uri.h"

namespace tsp::sam {
namespace {

constexpr std::size_t kSeed = 20;  // octets
constexpr std::int64_t kStepSeconds = 30;
constexpr int kDigits = 6;
constexpr int kStepsBack = 1;

std::size_t size_of_seed(std::string_view type) {
  return type == "ocra" ? kOcraSeed : kSeed;
}

Bytes seed_associated(std::string_view user, std::string_view type) {
  Bytes out;
  append_field(out, as_bytes("tsp factor seed 1"));
  append_field(out, as_bytes(user));
  append_field(out, as_bytes(type));
  return out;
}

}  // namespace

Bytes seal_seed(hsm::Session& hsm, std::string_view user, const Secret& seed,
                std::string_view type) {
  if (seed.size() != size_of_seed(type))
    throw Error(Fault::failed, "a seed cannot be kept", "it has another size");
  return hsm.seal(kSeedKey, seed.view(), seed_associated(user, type));
}

Secret open_seed(hsm::Session& hsm, std::string_view user, ByteView sealed, std::string_view type) {
  auto seed = hsm.open(kSeedKey, sealed, seed_associated(user, type));
  if (!seed || seed->size() != size_of_seed(type))
    throw Error(Fault::tampered, "a one-time code cannot be checked",
                "the seed in the store is damaged or another signer's",
                "restore the store from a backup");
  return std::move(*seed);
}

std::string hotp(ByteView seed, std::uint64_t counter, int digits) {
  if (digits < 6 || digits > 8)
    throw Error(Fault::failed, "a one-time code", "it has six to eight digits");
  Bytes message;
  append_u64(message, counter);
  // RFC 4226 section 5.3, dynamic truncation.
  const Secret mac(crypto::hmac(crypto::HashAlgorithm::sha1, seed, message));
  const ByteView octets = mac.view();
  const std::size_t at = octets.back() & 15;
  std::uint32_t value = (octets[at] & 0x7fu) << 24 | std::uint32_t{octets[at + 1]} << 16 |
                        std::uint32_t{octets[at + 2]} << 8 | octets[at + 3];
  std::string code(static_cast<std::size_t>(digits), '0');
  for (auto digit = code.rbegin(); digit != code.rend(); ++digit, value /= 10)
    *digit = static_cast<char>('0' + value % 10);
  return code;
}

std::int64_t totp_step(Time now) {
  const std::int64_t seconds = to_unix(now);
  return seconds / kStepSeconds - (seconds % kStepSeconds < 0 ? 1 : 0);
}

std::optional<std::int64_t> match_totp(ByteView seed, std::string_view code, Time now,
                                       std::int64_t last_step) {
  std::optional<std::int64_t> found;
  const std::int64_t current = totp_step(now);
  // Oldest first, without an early way out: the time taken tells nothing.
  for (std::int64_t step = current - kStepsBack; step <= current; ++step) {
    std::string right = hotp(seed, static_cast<std::uint64_t>(step), kDigits);
    const bool same = equal_in_constant_time(as_bytes(right), as_bytes(code));
    if (same && step > last_step) found = step;
    wipe({reinterpret_cast<std::uint8_t*>(right.data()), right.size()});
  }
  return found;
}

Secret totp_uri(std::string_view issuer, std::string_view account, const Secret& seed) {
  return token_uri("otpauth://totp/", issuer, account, seed, "algorithm=SHA1&digits=6&period=30");
}

}  // namespace tsp::sam
