#include "cms/ber.h"

#include "base/error.h"

namespace tsp::cms::ber {
namespace {

using crypto::der::kOctetString;

constexpr std::uint8_t kConstructed = 0x20;

bool is_constructed(const Element& element) {
  return (element.tag & kConstructed) != 0;
}

bool is_end_of_contents(ByteView bytes) {
  return bytes.size() >= 2 && bytes[0] == 0 && bytes[1] == 0;
}

// Definite length in any form that fits 32 bits; `taken` octets it took.
struct Length {
  std::size_t value, taken;
};
std::optional<Length> read_length(ByteView bytes) {
  if (bytes.empty()) return std::nullopt;
  if (bytes[0] < 0x80) return Length{bytes[0], 1};
  const std::size_t count = bytes[0] & 0x7f;
  if (count == 0 || count > 8 || bytes.size() < 1 + count) return std::nullopt;
  std::uint64_t value = 0;
  for (std::uint8_t octet : bytes.subspan(1, count)) value = (value << 8) | octet;
  if (value > 0xffffffff) return std::nullopt;
  return Length{static_cast<std::size_t>(value), 1 + count};
}

std::optional<Element> first_at(ByteView bytes, int depth);

// An element of indefinite length: members up to the end-of-contents octets.
std::optional<Element> indefinite(ByteView bytes, int depth) {
  if ((bytes[0] & kConstructed) == 0) return std::nullopt;
  ByteView rest = bytes.subspan(2);
  while (!is_end_of_contents(rest)) {
    const auto member = first_at(rest, depth + 1);
    if (!member) return std::nullopt;
    rest = rest.subspan(member->whole.size());
  }
  const std::size_t size = bytes.size() - rest.size();
  return Element{bytes[0], bytes.first(size + 2), bytes.subspan(2, size - 2)};
}

std::optional<Element> first_at(ByteView bytes, int depth) {
  if (depth > kDepth || bytes.size() < 2 || (bytes[0] & 0x1f) == 0x1f || bytes[0] == 0)
    return std::nullopt;
  if (bytes[1] == 0x80) return indefinite(bytes, depth);
  const auto length = read_length(bytes.subspan(1));
  if (!length) return std::nullopt;
  const std::size_t header = 1 + length->taken;
  if (length->value > bytes.size() - header) return std::nullopt;
  return Element{bytes[0], bytes.first(header + length->value),
                 bytes.subspan(header, length->value)};
}

bool join(const Element& element, std::uint8_t tag, int depth, Bytes& out) {
  if (element.tag == tag) {
    append(out, element.content);
    return true;
  }
  if (element.tag != (tag | kConstructed) || depth > kDepth) return false;
  const auto pieces = children(element.content);
  if (!pieces) return false;
  for (const Element& piece : *pieces)
    if (!join(piece, kOctetString, depth + 1, out)) return false;
  return true;
}

std::optional<Bytes> canonical_at(const Element& element, int depth) {
  if (!is_constructed(element)) return crypto::der::tlv(element.tag, element.content);
  if (depth > kDepth) return std::nullopt;
  if (element.tag == (kOctetString | kConstructed)) {
    const auto joined = octets(element);
    if (!joined) return std::nullopt;
    return crypto::der::tlv(kOctetString, *joined);
  }
  const auto members = children(element.content);
  if (!members) return std::nullopt;
  Bytes content;
  for (const Element& member : *members) {
    const auto encoded = canonical_at(member, depth + 1);
    if (!encoded) return std::nullopt;
    append(content, *encoded);
  }
  return crypto::der::tlv(element.tag, content);
}

}  // namespace

std::optional<Element> first(ByteView bytes) {
  return first_at(bytes, 0);
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

std::optional<Bytes> octets(const Element& element, std::uint8_t tag) {
  Bytes out;
  if (!join(element, tag, 0, out)) return std::nullopt;
  return out;
}

std::optional<Bytes> canonical(const Element& element) {
  return canonical_at(element, 0);
}

Members::Members(ByteView content, std::string subject) : subject_(std::move(subject)) {
  auto elements = children(content);
  if (!elements) fail("its ASN.1 is damaged");
  elements_ = std::move(*elements);
}

const Element& Members::take(std::uint8_t tag, const char* what) {
  if (!next_is(tag)) fail(std::string(what) + " is missing or not what it should be");
  return elements_[next_++];
}

const Element& Members::take_any(const char* what) {
  if (done()) fail(std::string(what) + " is missing");
  return elements_[next_++];
}

const Element* Members::take_if(std::uint8_t tag) {
  return next_is(tag) ? &elements_[next_++] : nullptr;
}

void Members::expect_done(const char* what) const {
  if (!done()) fail(std::string("something follows ") + what);
}

void Members::fail(const std::string& why) const {
  throw Error(Fault::bad_input, subject_, why);
}

Members open(ByteView bytes, std::uint8_t tag, const std::string& subject) {
  const auto element = first(bytes);
  if (!element || element->tag != tag || element->whole.size() != bytes.size())
    throw Error(Fault::bad_input, subject, "its ASN.1 is damaged");
  return {element->content, subject};
}

std::optional<int> small_integer(ByteView content) {
  const auto value = magnitude(content);
  if (!value || value->size() > 3) return std::nullopt;
  int out = 0;
  for (std::uint8_t octet : *value) out = (out << 8) | octet;
  return out;
}

std::optional<Bytes> magnitude(ByteView content) {
  if (content.empty() || content[0] >= 0x80) return std::nullopt;
  while (!content.empty() && content[0] == 0) content = content.subspan(1);
  return to_bytes(content);
}

}  // namespace tsp::cms::ber
