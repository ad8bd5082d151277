// Writing and walking DER (X.690). The writer makes what OpenSSL's own types make awkward; the
// walker splits untrusted DER without interpreting it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace tsp::crypto::der {

inline constexpr std::uint8_t kSequence = 0x30, kSet = 0x31, kInteger = 0x02, kOctetString = 0x04,
                              kBitString = 0x03, kNull = 0x05, kOid = 0x06, kUtf8String = 0x0c,
                              kBoolean = 0x01, kGeneralizedTime = 0x18, kUtcTime = 0x17;
constexpr std::uint8_t context(int number, bool constructed = true) {
  return static_cast<std::uint8_t>(0x80 | (constructed ? 0x20 : 0) | number);
}

// One TLV around the concatenation of the parts.
Bytes tlv(std::uint8_t tag, ByteView content);
template <class... Parts>
Bytes wrap(std::uint8_t tag, const Parts&... parts) {
  Bytes content;
  (append(content, parts), ...);
  return tlv(tag, content);
}
template <class... Parts>
Bytes sequence(const Parts&... parts) {
  return wrap(kSequence, parts...);
}
// SET OF: members sorted as DER asks (X.690 11.6).
Bytes set_of(std::vector<Bytes> members, std::uint8_t tag = kSet);

Bytes oid(std::string_view dotted);  // throws Error{failed} for nonsense: a programming error
Bytes integer(std::int64_t value);
Bytes unsigned_integer(ByteView magnitude);  // big-endian, any leading zeros
Bytes octet_string(ByteView content);
Bytes null();
Bytes boolean(bool value);
Bytes generalized_time(Time time);  // whole seconds
Bytes utf8(std::string_view text);

// One element of hostile DER: definite lengths in shortest form, tag numbers below 31.
struct Element {
  std::uint8_t tag;
  ByteView whole;  // tag, length and content
  ByteView content;
};
// The first element of `bytes` and what follows it; nothing when malformed.
std::optional<Element> first(ByteView bytes);
// All elements of a constructed content; nothing when any is malformed or bytes are left over.
std::optional<std::vector<Element>> children(ByteView content);
std::string dotted(ByteView oid_content);

}  // namespace tsp::crypto::der
