#include "sam/codes.h"

namespace tsp::sam {
namespace {

// 32 characters, none of which is taken for another.
constexpr std::string_view kAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
static_assert(kAlphabet.size() == 32);
constexpr std::size_t kCharacters = 6;

}  // namespace

Secret make_sent_code() {
  Secret code = Secret::random(kCharacters);
  for (std::uint8_t& octet : code.writable())
    octet = static_cast<std::uint8_t>(kAlphabet[octet % kAlphabet.size()]);
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
