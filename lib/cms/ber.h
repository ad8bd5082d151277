// Walking untrusted BER (X.690 section 8): what crypto/der.h refuses and streaming producers write,
// that is indefinite lengths, lengths in longer form, octet strings in pieces. Splits without
// interpreting; views into the input. Internal to the room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/der.h"

namespace tsp::cms::ber {

// One element: tag numbers below 31. `whole` includes the end-of-contents octets of an indefinite
// length, `content` does not.
using crypto::der::Element;

// Nested deeper than this is malformed; a time-stamp token inside a token has about 30.
inline constexpr int kDepth = 64;

// The first element of `bytes` and what follows it; nothing when malformed.
std::optional<Element> first(ByteView bytes);
// All elements of a constructed content; nothing when any is malformed.
std::optional<std::vector<Element>> children(ByteView content);
// The octets of an OCTET STRING, joined when constructed; `tag` is its primitive tag.
std::optional<Bytes> octets(const Element& element, std::uint8_t tag = crypto::der::kOctetString);
// The element with every length in DER's form and octet strings in one piece. Order within sets
// and the values of primitives stay as they are.
std::optional<Bytes> canonical(const Element& element);

// A cursor over the members of a SEQUENCE for hostile input: every step that does not find what the
// grammar demands throws Error{bad_input} with `subject` ("cannot read the CMS signature").
class Members {
 public:
  Members(ByteView content, std::string subject);
  bool done() const { return next_ == elements_.size(); }
  bool next_is(std::uint8_t tag) const { return !done() && elements_[next_].tag == tag; }
  // The next element, which must have this tag.
  const Element& take(std::uint8_t tag, const char* what);
  const Element& take_any(const char* what);
  // The next element if it has the tag, or null.
  const Element* take_if(std::uint8_t tag);
  Members into(const Element& element) const { return {element.content, subject_}; }
  void expect_done(const char* what) const;
  [[noreturn]] void fail(const std::string& why) const;

 private:
  std::vector<Element> elements_;
  std::size_t next_ = 0;
  std::string subject_;
};

// The members of the one element that `bytes` hold, which must have the tag.
Members open(ByteView bytes, std::uint8_t tag, const std::string& subject);

// A small non-negative INTEGER, or nothing.
std::optional<int> small_integer(ByteView content);
// The magnitude of a non-negative INTEGER without leading zeros (zero: empty); nothing when
// negative or empty.
std::optional<Bytes> magnitude(ByteView content);

}  // namespace tsp::cms::ber
