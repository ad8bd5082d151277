#include "base/text.h"

#include <cstdint>

namespace tsp {
namespace {

constexpr char32_t kReplacement = 0xfffd;

// Decodes one code point at `at` and moves on; nothing valid: kReplacement, one octet on, ok=false.
struct Decoded {
  char32_t point;
  std::size_t size;
  bool ok;
};

Decoded decode(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = octet(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {kReplacement, 1, false};
  char32_t point = first & (0xff >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return {kReplacement, 1, false};
    point = (point << 6) | (octet(i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  if (point < kLeast[size] || surrogate || point > 0x10ffff) return {kReplacement, 1, false};
  return {point, size, true};
}

bool misleads(char32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
         (point >= 0x200b && point <= 0x200f) || (point >= 0x202a && point <= 0x202e) ||
         (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Decoded next = decode(text);
    if (!next.ok) return false;
    text.remove_prefix(next.size);
  }
  return true;
}

std::u32string code_points(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded next = decode(text);
    out.push_back(next.point);
    text.remove_prefix(next.size);
  }
  return out;
}

std::string to_utf8(std::u32string_view points) {
  std::string out;
  for (char32_t point : points) {
    const auto put = [&](char32_t octet) { out.push_back(static_cast<char>(octet)); };
    if (point < 0x80) {
      put(point);
    } else if (point < 0x800) {
      put(0xc0 | (point >> 6));
      put(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
      put(0xe0 | (point >> 12));
      put(0x80 | ((point >> 6) & 0x3f));
      put(0x80 | (point & 0x3f));
    } else {
      put(0xf0 | (point >> 18));
      put(0x80 | ((point >> 12) & 0x3f));
      put(0x80 | ((point >> 6) & 0x3f));
      put(0x80 | (point & 0x3f));
    }
  }
  return out;
}

std::string printable(std::string_view text) {
  std::u32string points = code_points(text);
  for (char32_t& point : points)
    if (misleads(point)) point = kReplacement;
  return to_utf8(points);
}

}  // namespace tsp
