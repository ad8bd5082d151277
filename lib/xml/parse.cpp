// Strict parsing. What libxml2 would take quadratic time for (many attributes in one element) or
// would interpret (encodings, DOCTYPE) is refused before or while it reads.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/release.h"
#include "base/text.h"
#include "xml/document.h"
#include "xml/libxml.h"

namespace tsp::xml {
namespace {

[[noreturn]] void refuse(const std::string& source, std::string why) {
  throw Error(Fault::bad_input, source + " is no XML that is read here", std::move(why));
}

struct FreeParser {
  void operator()(xmlParserCtxt* parser) const noexcept { libxml().free_parser(parser); }
};

constexpr const char* kDoctype = "it has a DOCTYPE";
constexpr const char* kInstruction = "it has a processing instruction";

void stop_at(void* context, const char* why) {
  auto* parser = static_cast<xmlParserCtxt*>(context);
  if (parser->_private == nullptr) parser->_private = const_cast<char*>(why);
  libxml().stop_parser(parser);
}

void on_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  stop_at(context, kDoctype);
}

void on_instruction(void* context, const xmlChar*, const xmlChar*) {
  stop_at(context, kInstruction);
}

// XMLDecl, XML 1.0 production 23: the encoding, where one is declared, must be UTF-8.
void check_declaration(std::string_view text, const std::string& source) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (!text.starts_with("<?xml")) return;
  const std::string_view declaration = text.substr(0, std::min(text.find("?>"), std::size_t{256}));
  const std::size_t at = declaration.find("encoding");
  if (at == std::string_view::npos) return;
  const std::size_t begin = declaration.find_first_of("\"'", at);
  const std::size_t end =
      begin == std::string_view::npos ? begin : declaration.find(declaration[begin], begin + 1);
  std::string name(end == std::string_view::npos ? std::string_view{}
                                                 : declaration.substr(begin + 1, end - begin - 1));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (name != "utf-8") refuse(source, "its encoding is not UTF-8");
}

// "<" never stands in an attribute's value, so all attributes of an element lie between two of
// them; each is "=" and a quote. One pass; text that looks like attributes is counted too.
void check_markup(std::string_view text, const std::string& source, const Limits& limits) {
  std::size_t markup = 0, attributes = 0;
  bool equals = false;
  for (const char c : text) {
    if (c == '<') {
      if (++markup > limits.markup)
        refuse(source, fmt::format("it has more than {} pieces of markup", limits.markup));
      attributes = 0;
      equals = false;
    } else if (c == '=') {
      equals = true;
    } else if ((c == '"' || c == '\'') && equals) {
      if (++attributes > limits.attributes)
        refuse(source, fmt::format("an element has more than {} attributes", limits.attributes));
      equals = false;
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      equals = false;
    }
  }
}

void check_depth(xmlNode* root, const std::string& source, int limit) {
  int depth = 1;
  for (xmlNode* node = root; node != nullptr;) {
    if (depth > limit) refuse(source, fmt::format("it is more than {} elements deep", limit));
    if (node->type == XML_ELEMENT_NODE && node->children != nullptr) {
      node = node->children;
      ++depth;
      continue;
    }
    while (node != root && node->next == nullptr) {
      node = node->parent;
      --depth;
    }
    if (node == root) return;
    node = node->next;
  }
}

}  // namespace

Document Document::parse(ByteView octets, const std::string& source, const Limits& limits) {
  if (octets.size() > limits.size ||
      octets.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    refuse(source, fmt::format("it is larger than {} octets", limits.size));
  const std::string_view text = as_text(octets);
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos)
    refuse(source, "its encoding is not UTF-8");
  check_declaration(text, source);
  check_markup(text, source, limits);
  const Silence silence;
  const std::unique_ptr<xmlParserCtxt, FreeParser> parser(libxml().new_parser());
  if (!parser) refuse(source, "there is no memory for it");
  parser->sax->internalSubset = &on_doctype;
  parser->sax->processingInstruction = &on_instruction;
  Document document(libxml().read_memory(
      parser.get(), text.data(), static_cast<int>(text.size()), nullptr, "UTF-8",
      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC));
  if (parser->_private != nullptr) refuse(source, static_cast<const char*>(parser->_private));
  if (!document.document_ || parser->wellFormed == 0 || parser->nsWellFormed == 0)
    refuse(source, "it is not well-formed");
  xmlNode* root = document.document_->children;
  while (root != nullptr && root->type != XML_ELEMENT_NODE) root = root->next;
  if (root == nullptr) refuse(source, "it has no element");
  check_depth(root, source, limits.depth);
  return document;
}

}  // namespace tsp::xml
