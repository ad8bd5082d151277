#include "pdf/numbers.h"

#include <fmt/format.h>

#include <algorithm>

#include "pdf/lexer.h"

namespace tsp::pdf {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<ByteRange> sound_byte_range(const std::vector<std::int64_t>& raw,
                                          std::uint64_t size) {
  if (raw.size() != 4 || raw[0] != 0) return std::nullopt;
  if (std::any_of(raw.begin(), raw.end(), [](std::int64_t n) { return n < 0; }))
    return std::nullopt;
  const auto first = static_cast<std::uint64_t>(raw[1]),
             second = static_cast<std::uint64_t>(raw[2]),
             length = static_cast<std::uint64_t>(raw[3]);
  if (first >= second || second > size || length > size - second) return std::nullopt;
  return ByteRange{first, second, second + length};
}

std::string byte_range_text(const ByteRange& range) {
  return fmt::format("[0 {} {} {}]", range.first_end, range.second_begin,
                     range.file_end - range.second_begin);
}

std::optional<Bytes> decode_hex_token(std::string_view token) {
  if (token.size() < 2 || token.front() != '<' || token.back() != '>') return std::nullopt;
  Bytes out;
  out.reserve(token.size() / 2);
  int held = -1;
  for (const char c : token.substr(1, token.size() - 2)) {
    const int digit = hex_digit(c);
    if (digit < 0 && !is_white(static_cast<unsigned char>(c))) return std::nullopt;
    if (digit < 0) continue;
    if (held >= 0) out.push_back(static_cast<std::uint8_t>(held * 16 + digit));
    held = held >= 0 ? -1 : digit;
  }
  if (held >= 0) out.push_back(static_cast<std::uint8_t>(held * 16));
  return out;
}

}  // namespace tsp::pdf
