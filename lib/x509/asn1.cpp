#include "x509/asn1.h"

#include <algorithm>
#include <ctime>

#include "base/error.h"

namespace tsp::x509 {

Bytes octets_of(const ASN1_STRING* value) {
  const std::uint8_t* data = ASN1_STRING_get0_data(value);
  const int size = ASN1_STRING_length(value);
  if (!data || size <= 0) return {};
  return {data, data + size};
}

std::optional<Time> time_of(const ASN1_TIME* value) {
  std::tm calendar{};
  // A null pointer would mean "now" to OpenSSL.
  if (!value || ASN1_TIME_to_tm(value, &calendar) != 1) return std::nullopt;
  return from_unix(::timegm(&calendar));
}

std::string serial_of(const ASN1_INTEGER* value) {
  const Bytes magnitude = octets_of(value);
  const auto begin = std::find_if(magnitude.begin(), magnitude.end(), [](auto b) { return b; });
  if (begin == magnitude.end()) return "00";
  const std::string hex = to_hex(ByteView(begin, magnitude.end()));
  return (ASN1_STRING_type(value) & V_ASN1_NEG) != 0 ? "-" + hex : hex;
}

std::string dotted_of(const ASN1_OBJECT* object) {
  const int size = OBJ_obj2txt(nullptr, 0, object, 1);
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  text.pop_back();
  return text;
}

ObjectPtr object_of(std::string_view dotted) {
  ObjectPtr object(OBJ_txt2obj(std::string(dotted).c_str(), 1));
  if (!object) throw Error(Fault::failed, "not an object identifier", std::string(dotted));
  return object;
}

std::optional<std::string> uri_of(const GENERAL_NAME* name) {
  int type = 0;
  const void* value = GENERAL_NAME_get0_value(name, &type);
  if (type != GEN_URI || !value) return std::nullopt;
  const Bytes octets = octets_of(static_cast<const ASN1_STRING*>(value));
  const bool plain = std::all_of(octets.begin(), octets.end(),
                                 [](std::uint8_t c) { return c > 0x20 && c < 0x7f; });
  if (!plain || octets.empty()) return std::nullopt;
  return std::string(as_text(octets));
}

}  // namespace tsp::x509
