// Bytes and their text forms. Nothing here allocates more than its result.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tsp {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// The octets of a text, and an octet string seen as text. Views; nothing is copied or judged.
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) {
  return {view.begin(), view.end()};
}

void append(Bytes& to, ByteView more);
bool equal(ByteView a, ByteView b);
// Takes the same time wherever the difference lies; lengths are not secret.
bool equal_in_constant_time(ByteView a, ByteView b);

// Lower-case hex without prefix or separators; decoding takes both cases and nothing else.
std::string to_hex(ByteView bytes);
std::optional<Bytes> from_hex(std::string_view text);

// RFC 4648 section 4, padded. Decoding refuses white space, missing padding and trailing bits.
std::string to_base64(ByteView bytes);
std::optional<Bytes> from_base64(std::string_view text);

// RFC 4648 section 6, upper case, unpadded (otpauth URIs). Decoding takes both cases.
std::string to_base32(ByteView bytes);
std::optional<Bytes> from_base32(std::string_view text);

// Big-endian numbers, for our own formats.
void append_u16(Bytes& to, std::uint16_t value);
void append_u32(Bytes& to, std::uint32_t value);
void append_u64(Bytes& to, std::uint64_t value);

// Reads big-endian numbers and length-prefixed fields from hostile bytes. Every call that would
// run past the end returns nothing and leaves the reader at the end, so that checking done() once
// after the last field is enough.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : rest_(bytes) {}
  std::optional<std::uint8_t> u8();
  std::optional<std::uint16_t> u16();
  std::optional<std::uint32_t> u32();
  std::optional<std::uint64_t> u64();
  std::optional<ByteView> take(std::size_t size);
  // A u32 length and that many bytes.
  std::optional<ByteView> field();
  std::size_t left() const { return rest_.size(); }
  // True when everything was read and nothing ran past the end.
  bool done() const { return !failed_ && rest_.empty(); }

 private:
  std::optional<std::uint64_t> number(std::size_t width);
  ByteView rest_;
  bool failed_ = false;
};

// A u32 length and the bytes: what ByteReader::field reads.
void append_field(Bytes& to, ByteView field);

}  // namespace tsp
