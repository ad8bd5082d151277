#include "sam/fingerprint.h"

#include "sam/words.h"

namespace tsp::sam {
namespace {

constexpr std::size_t kShown = 4;   // octets of each end
constexpr std::size_t kWhole = 16;  // up to so many octets nothing is left out

std::string words(ByteView octets) {
  std::string out;
  for (std::size_t place = 0; place < octets.size(); ++place) {
    if (place > 0) out += ' ';
    out += word_of(octets[place], place);
  }
  return out;
}

}  // namespace

std::string short_hex(ByteView digest) {
  if (digest.size() <= kWhole) return to_hex(digest);
  return to_hex(digest.first(kShown)) + "…" + to_hex(digest.last(kShown));
}

std::string words_of(ByteView digest) {
  if (digest.size() <= kWhole) return words(digest);
  return words(digest.first(kShown)) + " / " + words(digest.last(kShown));
}

}  // namespace tsp::sam
