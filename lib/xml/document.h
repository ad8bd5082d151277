// Untrusted XML, parsed strictly: XML 1.0 in UTF-8 with namespaces, and less than that.
//
// Refused with Error{bad_input} that says why: a DOCTYPE (so there are no entities but the five
// predefined, no default attributes, nothing to fetch), processing instructions, another encoding,
// what is not well-formed, and what is larger, deeper or has more parts than Limits say. Nothing is
// fetched, ever. Time and memory are linear in the size.
//
// Does NOT validate against a schema: who reads an element says what must be in it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

struct _xmlDoc;   // NOLINT(bugprone-reserved-identifier): libxml2's own
struct _xmlNode;  // NOLINT(bugprone-reserved-identifier)

namespace tsp::xml {

struct Limits {
  std::size_t size = std::size_t{16} << 20;  // octets
  std::size_t markup = 1'000'000;            // how often "<" may stand in it
  std::size_t attributes = 256;              // of one element, namespace declarations included
  int depth = 100;
};

// One element of a Document, which must outlive it. Comments are passed over wherever text or
// children are asked for: they are not covered by signatures.
class Element {
 public:
  explicit Element(_xmlNode* node) : node_(node) {}

  std::string_view name() const;        // local
  std::string_view name_space() const;  // empty: none
  bool is(std::string_view name_space, std::string_view name) const;
  // Of an attribute without namespace.
  std::optional<std::string> attribute(std::string_view name) const;
  std::optional<std::string> attribute(std::string_view name_space, std::string_view name) const;
  // The text that stands directly in it, without white space at its ends. What its children hold is
  // not part of it.
  std::string text() const;
  // text() as base64 with white space anywhere; nothing where it is not.
  std::optional<Bytes> base64() const;
  std::vector<Element> children() const;
  std::vector<Element> children(std::string_view name_space, std::string_view name) const;
  // The first of that name; Elements are few or the search is done once.
  std::optional<Element> child(std::string_view name_space, std::string_view name) const;

  friend bool operator==(const Element&, const Element&) = default;

 private:
  friend class Document;
  _xmlNode* node_;
};

class Document {
 public:
  static Document parse(ByteView octets, const std::string& source, const Limits& limits = {});

  Element root() const;
  // Every element, in document order.
  std::vector<Element> all() const;
  // Takes the element and all it holds out of the document; Elements of it are good no more.
  void remove(const Element& element);

  // Exclusive XML Canonicalization 1.0 without comments (W3C, 18 July 2002) of the whole document
  // or of the subtree of one element of it; `prefixes`: the InclusiveNamespaces PrefixList
  // ("#default" for the default namespace). Error{bad_input} where the document has no such form (a
  // relative namespace name).
  Bytes canonical(const std::vector<std::string>& prefixes = {}) const;
  Bytes canonical(const Element& subtree, const std::vector<std::string>& prefixes = {}) const;

 private:
  struct Free {
    void operator()(_xmlDoc* document) const noexcept;
  };
  explicit Document(_xmlDoc* document) : document_(document) {}
  std::unique_ptr<_xmlDoc, Free> document_;
};

}  // namespace tsp::xml
