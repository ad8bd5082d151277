#include "base/bytes.h"

#include <algorithm>
#include <array>

namespace tsp {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The digit values of an alphabet, -1 where a character is not in it.
constexpr std::array<std::int8_t, 256> reverse(std::string_view alphabet) {
  std::array<std::int8_t, 256> table{};
  for (auto& entry : table) entry = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return table;
}

// Packs digits of `bits` bits into octets; leftover bits must be zero.
std::optional<Bytes> unpack(std::string_view text, const std::array<std::int8_t, 256>& digits,
                            unsigned bits) {
  Bytes out;
  out.reserve(text.size() * bits / 8);
  std::uint32_t pending = 0;
  unsigned held = 0;
  for (char c : text) {
    const int digit = digits[static_cast<unsigned char>(c)];
    if (digit < 0) return std::nullopt;
    pending = (pending << bits) | static_cast<std::uint32_t>(digit);
    held += bits;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<std::uint8_t>(pending >> held));
      pending &= (1u << held) - 1;
    }
  }
  if (pending != 0 || held >= bits) return std::nullopt;
  return out;
}

std::string pack(ByteView bytes, std::string_view alphabet, unsigned bits) {
  std::string out;
  out.reserve(bytes.size() * 8 / bits + 4);
  std::uint32_t pending = 0;
  unsigned held = 0;
  const std::uint32_t mask = (1u << bits) - 1;
  for (std::uint8_t byte : bytes) {
    pending = ((pending & 0xffff) << 8) | byte;
    held += 8;
    while (held >= bits) {
      held -= bits;
      out.push_back(alphabet[(pending >> held) & mask]);
    }
  }
  if (held > 0) out.push_back(alphabet[(pending << (bits - held)) & mask]);
  return out;
}

}  // namespace

void append(Bytes& to, ByteView more) {
  to.insert(to.end(), more.begin(), more.end());
}

bool equal(ByteView a, ByteView b) {
  return std::ranges::equal(a, b);
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

std::string to_hex(ByteView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t byte : bytes) {
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

std::string to_base64(ByteView bytes) {
  std::string out = pack(bytes, kBase64, 6);
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
  static constexpr auto digits = reverse(kBase64);
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with("=="))
    text.remove_suffix(2);
  else if (text.ends_with('='))
    text.remove_suffix(1);
  return unpack(text, digits, 6);
}

std::string to_base32(ByteView bytes) {
  return pack(bytes, kBase32, 5);
}

std::optional<Bytes> from_base32(std::string_view text) {
  static constexpr auto digits = reverse(kBase32);
  std::string upper(text);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return unpack(upper, digits, 5);
}

void append_u16(Bytes& to, std::uint16_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value));
}

void append_u32(Bytes& to, std::uint32_t value) {
  append_u16(to, static_cast<std::uint16_t>(value >> 16));
  append_u16(to, static_cast<std::uint16_t>(value));
}

void append_u64(Bytes& to, std::uint64_t value) {
  append_u32(to, static_cast<std::uint32_t>(value >> 32));
  append_u32(to, static_cast<std::uint32_t>(value));
}

std::optional<ByteView> ByteReader::take(std::size_t size) {
  if (failed_ || size > rest_.size()) {
    failed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  ByteView taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

std::optional<std::uint64_t> ByteReader::number(std::size_t width) {
  const auto taken = take(width);
  if (!taken) return std::nullopt;
  std::uint64_t value = 0;
  for (std::uint8_t byte : *taken) value = (value << 8) | byte;
  return value;
}

std::optional<std::uint8_t> ByteReader::u8() {
  const auto value = number(1);
  if (!value) return std::nullopt;
  return static_cast<std::uint8_t>(*value);
}

std::optional<std::uint16_t> ByteReader::u16() {
  const auto value = number(2);
  if (!value) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

std::optional<std::uint32_t> ByteReader::u32() {
  const auto value = number(4);
  if (!value) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

std::optional<std::uint64_t> ByteReader::u64() {
  return number(8);
}

std::optional<ByteView> ByteReader::field() {
  const auto size = u32();
  if (!size) return std::nullopt;
  return take(*size);
}

void append_field(Bytes& to, ByteView field) {
  append_u32(to, static_cast<std::uint32_t>(field.size()));
  append(to, field);
}

}  // namespace tsp
