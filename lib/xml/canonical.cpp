// Exclusive canonicalisation, through libxml2 (xmlC14NExecute).
#include "base/error.h"
#include "xml/document.h"
#include "xml/libxml.h"

namespace tsp::xml {
namespace {

int collect(void* into, const char* octets, int size) {
  append(*static_cast<Bytes*>(into), as_bytes({octets, static_cast<std::size_t>(size)}));
  return size;
}

// libxml2 asks for every node, and for attributes and namespaces with the element as `parent`.
// Depth is limited by parse(), so this is a short walk.
int in_subtree(void* top, xmlNode* node, xmlNode* parent) {
  if (node != nullptr && (node->type == XML_NAMESPACE_DECL || node->type == XML_ATTRIBUTE_NODE))
    node = parent;
  for (; node != nullptr; node = node->parent)
    if (node == top) return 1;
  return 0;
}

Bytes canonicalise(xmlDoc* document, xmlNode* subtree, const std::vector<std::string>& prefixes) {
  std::vector<xmlChar*> inclusive;
  inclusive.reserve(prefixes.size() + 1);
  for (const std::string& prefix : prefixes)
    inclusive.push_back(const_cast<xmlChar*>(reinterpret_cast<const xmlChar*>(prefix.c_str())));
  inclusive.push_back(nullptr);
  const Silence silence;
  Bytes out;
  xmlOutputBuffer* output = libxml().create_output(&collect, nullptr, &out, nullptr);
  if (output == nullptr) throw Error(Fault::failed, "cannot canonicalise XML", "no memory");
  const int done =
      libxml().canonicalise(document, subtree == nullptr ? nullptr : &in_subtree, subtree,
                            XML_C14N_EXCLUSIVE_1_0, inclusive.data(), 0, output);
  const int closed = libxml().close_output(output);
  if (done < 0 || closed < 0)
    throw Error(Fault::bad_input, "the XML has no canonical form",
                "a namespace name is relative, or the like");
  return out;
}

}  // namespace

Bytes Document::canonical(const std::vector<std::string>& prefixes) const {
  return canonicalise(document_.get(), nullptr, prefixes);
}

Bytes Document::canonical(const Element& subtree, const std::vector<std::string>& prefixes) const {
  return canonicalise(document_.get(), subtree.node_, prefixes);
}

}  // namespace tsp::xml
