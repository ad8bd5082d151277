#include "x509/name.h"

#include <array>
#include <utility>

#include "crypto/openssl.h"
#include "x509/asn1.h"

namespace tsp::x509 {
namespace {

// RFC 4514 section 3, and the descriptors registered for LDAP that certificates carry.
constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
    {"2.5.4.3", "CN"},
    {"2.5.4.4", "SN"},
    {"2.5.4.5", "serialNumber"},
    {"2.5.4.6", "C"},
    {"2.5.4.7", "L"},
    {"2.5.4.8", "ST"},
    {"2.5.4.9", "STREET"},
    {"2.5.4.10", "O"},
    {"2.5.4.11", "OU"},
    {"2.5.4.12", "title"},
    {"2.5.4.42", "givenName"},
    {"2.5.4.46", "dnQualifier"},
    {"2.5.4.65", "pseudonym"},
    {"2.5.4.97", "organizationIdentifier"},
    {"0.9.2342.19200300.100.1.1", "UID"},
    {"0.9.2342.19200300.100.1.25", "DC"},
    {"1.2.840.113549.1.9.1", "emailAddress"},
};

std::optional<std::string> utf8_of(const ASN1_STRING* value) {
  const crypto::QuietErrors quiet;
  std::uint8_t* out = nullptr;
  const int size = ASN1_STRING_to_UTF8(&out, value);
  if (size < 0) return std::nullopt;
  std::string text(reinterpret_cast<char*>(out), static_cast<std::size_t>(size));
  OPENSSL_free(out);
  return text;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool at_edge = (c == ' ' && (i == 0 || i + 1 == text.size())) || (c == '#' && i == 0);
    if (c == '\0') {
      out += "\\00";
      continue;
    }
    if (at_edge || std::string_view("\"+,;<>\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

Bytes value_der(const ASN1_STRING* value) {
  ASN1_TYPE* any = ASN1_TYPE_new();
  if (!any) return {};
  Bytes der;
  if (ASN1_TYPE_set1(any, ASN1_STRING_type(value), value) == 1)
    der = encode_with(i2d_ASN1_TYPE, any);
  ASN1_TYPE_free(any);
  return der;
}

std::string entry_text(const X509_NAME_ENTRY* entry) {
  const std::string oid = dotted_of(X509_NAME_ENTRY_get_object(entry));
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
  for (const auto& [dotted, name] : kTypes) {
    if (dotted != oid) continue;
    if (const auto text = utf8_of(value)) return std::string(name) + "=" + escaped(*text);
  }
  return oid + "=#" + to_hex(value_der(value));
}

}  // namespace

std::string text_of(const X509_NAME* name) {
  std::string text;
  int previous_set = -1;
  for (int i = X509_NAME_entry_count(name) - 1; i >= 0; --i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const int set = X509_NAME_ENTRY_set(entry);
    if (previous_set >= 0) text += set == previous_set ? '+' : ',';
    text += entry_text(entry);
    previous_set = set;
  }
  return text;
}

std::optional<std::string> attribute_of(const X509_NAME* name, std::string_view oid) {
  for (int i = X509_NAME_entry_count(name) - 1; i >= 0; --i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    if (dotted_of(X509_NAME_ENTRY_get_object(entry)) == oid)
      return utf8_of(X509_NAME_ENTRY_get_data(entry));
  }
  return std::nullopt;
}

}  // namespace tsp::x509
