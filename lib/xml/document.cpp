#include "xml/document.h"

#include "xml/libxml.h"

namespace tsp::xml {
namespace {

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

std::string_view space_of(const xmlNs* name_space) {
  return name_space == nullptr ? std::string_view{} : view(name_space->href);
}

std::string text_in(const xmlNode* first) {
  std::string out;
  for (const xmlNode* node = first; node != nullptr; node = node->next)
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
      out += view(node->content);
  return out;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

std::string_view Element::name() const {
  return view(node_->name);
}

std::string_view Element::name_space() const {
  return space_of(node_->ns);
}

bool Element::is(std::string_view name_space, std::string_view name) const {
  return this->name() == name && this->name_space() == name_space;
}

std::optional<std::string> Element::attribute(std::string_view name) const {
  return attribute({}, name);
}

std::optional<std::string> Element::attribute(std::string_view name_space,
                                              std::string_view name) const {
  for (const xmlAttr* each = node_->properties; each != nullptr; each = each->next)
    if (view(each->name) == name && space_of(each->ns) == name_space)
      return text_in(each->children);
  return std::nullopt;
}

std::string Element::text() const {
  std::string text = text_in(node_->children);
  while (!text.empty() && is_space(text.back())) text.pop_back();
  std::size_t begin = 0;
  while (begin < text.size() && is_space(text[begin])) ++begin;
  return text.substr(begin);
}

std::optional<Bytes> Element::base64() const {
  std::string text = text_in(node_->children);
  std::erase_if(text, &is_space);
  return from_base64(text);
}

std::vector<Element> Element::children() const {
  std::vector<Element> out;
  for (xmlNode* node = node_->children; node != nullptr; node = node->next)
    if (node->type == XML_ELEMENT_NODE) out.emplace_back(node);
  return out;
}

std::vector<Element> Element::children(std::string_view name_space, std::string_view name) const {
  std::vector<Element> out;
  for (xmlNode* node = node_->children; node != nullptr; node = node->next)
    if (node->type == XML_ELEMENT_NODE && Element(node).is(name_space, name))
      out.emplace_back(node);
  return out;
}

std::optional<Element> Element::child(std::string_view name_space, std::string_view name) const {
  for (xmlNode* node = node_->children; node != nullptr; node = node->next)
    if (node->type == XML_ELEMENT_NODE && Element(node).is(name_space, name)) return Element(node);
  return std::nullopt;
}

void Document::Free::operator()(_xmlDoc* document) const noexcept {
  libxml().free_document(document);
}

Element Document::root() const {
  xmlNode* node = document_->children;
  while (node->type != XML_ELEMENT_NODE) node = node->next;  // parse() saw to it that there is one
  return Element(node);
}

std::vector<Element> Document::all() const {
  std::vector<Element> out;
  xmlNode* const root = this->root().node_;
  for (xmlNode* node = root; node != nullptr;) {
    if (node->type == XML_ELEMENT_NODE) {
      out.emplace_back(node);
      if (node->children != nullptr) {
        node = node->children;
        continue;
      }
    }
    while (node != root && node->next == nullptr) node = node->parent;
    node = node == root ? nullptr : node->next;
  }
  return out;
}

void Document::remove(const Element& element) {
  libxml().unlink_node(element.node_);
  libxml().free_node(element.node_);
}

}  // namespace tsp::xml
