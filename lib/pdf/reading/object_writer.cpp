#include "pdf/reading/object_writer.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace tsp::pdf {

std::string reference(QPDFObjGen object) {
  return fmt::format("{} {} R", object.getObj(), object.getGen());
}

std::string name_object(const std::string& name) {
  return QPDFObjectHandle::newName("/" + name).unparse();
}

std::string ObjectWriter::value(QPDFObjectHandle object) const {
  if (!object.isIndirect()) return nested(object);
  return renumber_ ? renumber_(object.getObjGen()) : reference(object.getObjGen());
}

std::string ObjectWriter::nested(QPDFObjectHandle object) const {
  if (object.isDictionary()) return dictionary(object, {});
  if (object.isArray()) return array(object);
  if (object.isString()) return octets(object.getStringValue());
  return object.unparse();
}

std::string ObjectWriter::dictionary(QPDFObjectHandle object, const Overrides& overrides) const {
  std::string out = "<<";
  const auto add = [&out](const std::string& key, const std::string& written) {
    out += QPDFObjectHandle::newName(key).unparse() + " " + written + "\n";
  };
  if (object.isDictionary())
    for (const auto& [key, member] : object.getDictAsMap())
      if (overrides.count(key) == 0) add(key, value(member));
  for (const auto& [key, written] : overrides) add(key, written);
  if (out.size() > 2) out.pop_back();
  return out + ">>";
}

std::string ObjectWriter::array(QPDFObjectHandle object, const std::string& more) const {
  std::string out = "[";
  const int count = object.isArray() ? object.getArrayNItems() : 0;
  for (int i = 0; i < count; ++i) out += value(object.getArrayItem(i)) + " ";
  out += more;
  if (out.back() == ' ') out.pop_back();
  return out + "]";
}

std::string ObjectWriter::octets(const std::string& string) const {
  if (!encryption_.changes_strings()) return QPDFObjectHandle::newString(string).unparse();
  const std::string hidden = encryption_.string(string, owner_);
  return "<" + to_hex(as_bytes(hidden)) + ">";
}

std::string ObjectWriter::text(const std::string& utf8) const {
  return octets(QPDFObjectHandle::newUnicodeString(utf8).getStringValue());
}

std::string ObjectWriter::stream(Overrides entries, const std::string& data) const {
  const std::string hidden = encryption_.stream(data, owner_);
  entries["/Length"] = std::to_string(hidden.size());
  return dictionary(QPDFObjectHandle::newNull(), entries) + "\nstream\n" + hidden + "\nendstream";
}

}  // namespace tsp::pdf
