#include "crypto/der.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <span>

#include "base/error.h"
#include "base/release.h"
#include "crypto/openssl.h"

namespace tsp::crypto::der {
namespace {

using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Release<&ASN1_OBJECT_free>>;

// Longest object identifier that we spell out, in octets of content.
constexpr std::size_t kOidLimit = 128;

Bytes length_octets(std::size_t length) {
  if (length < 0x80) return {static_cast<std::uint8_t>(length)};
  Bytes out;
  for (; length > 0; length >>= 8) out.push_back(static_cast<std::uint8_t>(length));
  out.push_back(static_cast<std::uint8_t>(0x80 | out.size()));
  std::ranges::reverse(out);
  return out;
}

// The octets of a definite length in shortest form, and how many octets it took.
struct Length {
  std::size_t value, taken;
};

std::optional<Length> read_length(ByteView bytes) {
  if (bytes.empty()) return std::nullopt;
  if (bytes[0] < 0x80) return Length{bytes[0], 1};
  const std::size_t count = bytes[0] & 0x7f;
  if (count == 0 || count > 4 || bytes.size() < 1 + count) return std::nullopt;
  std::size_t value = 0;
  for (std::uint8_t octet : bytes.subspan(1, count)) value = (value << 8) | octet;
  const bool shortest = value >= 0x80 && bytes[1] != 0;
  if (!shortest) return std::nullopt;
  return Length{value, 1 + count};
}

// Digits between single dots: OpenSSL alone is laxer.
bool is_dotted(std::string_view text) {
  return text.find_first_not_of("0123456789.") == text.npos && text.find("..") == text.npos &&
         !text.ends_with('.');
}

// Object identifiers whose arcs are below 2^28, as all are that anybody uses; OpenSSL, ten times as
// slow, decides on the others and on what is no identifier.
std::optional<std::string> dotted_of_small_arcs(ByteView content) {
  std::string out;
  std::uint32_t arc = 0;
  int octets = 0;
  for (const std::uint8_t octet : content) {
    if (++octets > 4 || (octets == 1 && octet == 0x80)) return std::nullopt;
    arc = arc << 7 | (octet & 0x7fU);
    if ((octet & 0x80) != 0) continue;
    if (out.empty()) {  // the first two arcs are one number, X.690 8.19.4
      const std::uint32_t root = std::min(arc / 40, 2U);
      out = std::to_string(root) + '.' + std::to_string(arc - 40 * root);
    } else {
      out += '.' + std::to_string(arc);
    }
    arc = 0;
    octets = 0;
  }
  if (octets != 0) return std::nullopt;
  return out;
}

void append_arc(Bytes& content, std::uint32_t arc) {
  for (int shift = 21; shift > 0; shift -= 7)
    if (arc >> shift != 0)
      content.push_back(static_cast<std::uint8_t>(0x80 | (arc >> shift & 0x7fU)));
  content.push_back(arc & 0x7f);
}

// Nothing where a number is out of range or not in its shortest form.
std::optional<Bytes> content_of_small_arcs(std::string_view dotted) {
  std::vector<std::uint32_t> arcs;
  const char* at = dotted.data();
  const char* const end = at + dotted.size();
  while (at != end) {
    std::uint32_t arc = 0;
    const auto [behind, error] = std::from_chars(at, end, arc);
    const bool shortest = *at != '0' || behind == at + 1;
    if (error != std::errc() || !shortest || arc >= 1U << 28) return std::nullopt;
    arcs.push_back(arc);
    if (behind != end && (*behind != '.' || behind + 1 == end)) return std::nullopt;
    at = behind == end ? end : behind + 1;
  }
  if (arcs.size() < 2 || arcs[0] > 2 || arcs[1] >= (arcs[0] == 2 ? 1U << 27 : 40U))
    return std::nullopt;
  Bytes content;
  append_arc(content, 40 * arcs[0] + arcs[1]);
  for (const std::uint32_t arc : std::span(arcs).subspan(2)) append_arc(content, arc);
  if (content.size() > kOidLimit) return std::nullopt;
  return content;
}

}  // namespace

Bytes tlv(std::uint8_t tag, ByteView content) {
  Bytes out;
  out.reserve(content.size() + 6);
  out.push_back(tag);
  if (content.size() < 0x80)
    out.push_back(static_cast<std::uint8_t>(content.size()));
  else
    append(out, length_octets(content.size()));
  append(out, content);
  return out;
}

Bytes set_of(std::vector<Bytes> members, std::uint8_t tag) {
  std::ranges::sort(members);
  Bytes content;
  for (const Bytes& member : members) append(content, member);
  return tlv(tag, content);
}

Bytes oid(std::string_view dotted) {
  if (const auto content = content_of_small_arcs(dotted)) return tlv(kOid, *content);
  const QuietErrors quiet;
  const std::string text(dotted);
  std::uint8_t content[kOidLimit];
  const int size = is_dotted(text) ? a2d_ASN1_OBJECT(content, sizeof content, text.c_str(), -1) : 0;
  if (size <= 0) throw Error(Fault::failed, "no object identifier: " + text);
  return tlv(kOid, {content, static_cast<std::size_t>(size)});
}

Bytes integer(std::int64_t value) {
  Bytes content;
  for (int shift = 56; shift >= 0; shift -= 8)
    content.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> shift));
  // Leading octets that only repeat the sign are dropped (X.690 8.3.2).
  const std::uint8_t sign = value < 0 ? 0xff : 0x00;
  while (content.size() > 1 && content[0] == sign && ((content[1] ^ sign) & 0x80) == 0)
    content.erase(content.begin());
  return tlv(kInteger, content);
}

Bytes unsigned_integer(ByteView magnitude) {
  while (!magnitude.empty() && magnitude.front() == 0) magnitude = magnitude.subspan(1);
  Bytes content;
  if (magnitude.empty() || magnitude.front() >= 0x80) content.push_back(0);
  append(content, magnitude);
  return tlv(kInteger, content);
}

Bytes octet_string(ByteView content) {
  return tlv(kOctetString, content);
}

Bytes null() {
  return {kNull, 0};
}

Bytes boolean(bool value) {
  return {kBoolean, 1, static_cast<std::uint8_t>(value ? 0xff : 0x00)};
}

Bytes generalized_time(Time time) {
  return tlv(kGeneralizedTime, as_bytes(to_generalized_time(time)));
}

Bytes utf8(std::string_view text) {
  return tlv(kUtf8String, as_bytes(text));
}

std::optional<Element> first(ByteView bytes) {
  if (bytes.size() < 2 || (bytes[0] & 0x1f) == 0x1f) return std::nullopt;
  const auto length = read_length(bytes.subspan(1));
  if (!length) return std::nullopt;
  const std::size_t header = 1 + length->taken;
  if (length->value > bytes.size() - header) return std::nullopt;
  return Element{bytes[0], bytes.first(header + length->value),
                 bytes.subspan(header, length->value)};
}

std::optional<std::vector<Element>> children(ByteView content) {
  std::vector<Element> out;
  while (!content.empty()) {
    const auto element = first(content);
    if (!element) return std::nullopt;
    out.push_back(*element);
    content = content.subspan(element->whole.size());
  }
  return out;
}

std::string dotted(ByteView oid_content) {
  if (oid_content.empty() || oid_content.size() > kOidLimit) return {};
  if (auto text = dotted_of_small_arcs(oid_content)) return *std::move(text);
  const QuietErrors quiet;
  const Bytes whole = tlv(kOid, oid_content);
  const std::uint8_t* at = whole.data();
  const ObjectPtr object(d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(whole.size())));
  if (!object) return {};
  char text[5 * kOidLimit];
  const int size = OBJ_obj2txt(text, sizeof text, object.get(), 1);
  if (size <= 0 || static_cast<std::size_t>(size) >= sizeof text) return {};
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace tsp::crypto::der
