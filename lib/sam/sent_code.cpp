#include "sam/codes.h"

namespace tsp::sam {
namespace {

constexpr std::size_t kCharacters = 6;

}  // namespace

Secret make_sent_code() {
  Secret code = Secret::random(kCharacters);
  for (std::uint8_t& octet : code.writable())
    octet = static_cast<std::uint8_t>(kCodeAlphabet[octet % kCodeAlphabet.size()]);
  return code;
}

Secret normalised_code(const Secret& typed) {
  Bytes out;
  out.reserve(typed.size());
  for (const std::uint8_t octet : typed.view()) {
    if (octet == ' ' || octet == '-') continue;
    const bool small = octet >= 'a' && octet <= 'z';
    out.push_back(small ? static_cast<std::uint8_t>(octet - 'a' + 'A') : octet);
  }
  return Secret(std::move(out));
}

}  // namespace tsp::sam
