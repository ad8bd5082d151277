// What this room's formats share. For this room alone.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"

namespace tsp::sam {

// Octets: an id of 128 bits, a SHA-256; the longest name or id as text; the longest sealed share.
inline constexpr std::size_t kIdSize = 16, kHashSize = 32, kLongestId = 64,
                             kLongestSealedShare = 256;
inline constexpr std::uint64_t kLastMoment = 253402300799999;  // the end of the year 9999, in ms

// Reads a format that begins with its magic, part by part. Whatever does not fit throws
// Error{bad_input} "cannot read WHAT".
class FormatReader {
 public:
  FormatReader(ByteView octets, std::string_view magic, const char* what)
      : reader_(octets), what_(what) {
    const auto begin = reader_.take(magic.size());
    require(begin && as_text(*begin) == magic, "it does not begin like one");
  }
  void require(bool holds, const char* why) const {
    if (!holds)
      throw Error(Fault::bad_input, std::string("cannot read ") + what_, why, "nothing was signed");
  }
  template <class Part>
  auto part(std::optional<Part> read) const {
    require(read.has_value(), "it is cut off");
    return *read;
  }
  std::uint8_t u8() { return part(reader_.u8()); }
  std::uint32_t u32() { return part(reader_.u32()); }
  std::uint64_t u64() { return part(reader_.u64()); }
  Bytes take(std::size_t size) { return to_bytes(part(reader_.take(size))); }
  ByteView field(std::size_t longest) {
    const ByteView read = part(reader_.field());
    require(read.size() <= longest, "a part is too long");
    return read;
  }
  Time moment() {
    const std::uint64_t milliseconds = u64();
    require(milliseconds <= kLastMoment, "a time is beyond the year 9999");
    return from_unix_ms(static_cast<std::int64_t>(milliseconds));
  }
  // UTF-8 that shows what it is.
  std::string text(std::size_t shortest, std::size_t longest) {
    std::string read(as_text(field(longest)));
    require(read.size() >= shortest, "a part is too short");
    require(is_utf8(read) && printable(read) == read, "a text cannot be shown as it is");
    return read;
  }
  void end() const { require(reader_.done(), "something stands behind it"); }

 private:
  ByteReader reader_;
  const char* what_;
};

}  // namespace tsp::sam
