// DER, not merely something that OpenSSL reads: it takes constructed strings, any octet for TRUE,
// and defaults that are written out.
#include "crypto/der.h"
#include "crypto/openssl.h"
#include "x509/asn1.h"
#include "x509/lint.h"

namespace tsp::x509 {
namespace {

namespace der = crypto::der;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Release<&X509_EXTENSION_free>>;

bool is_universal_sound(const der::Element& element) {
  const bool constructed = (element.tag & 0x20) != 0;
  const int number = element.tag & 0x1f;
  if (constructed != (number == 0x10 || number == 0x11)) return false;
  // Everywhere in a certificate FALSE is the default, so that a BOOLEAN that stands there is FF.
  return element.tag != der::kBoolean || equal(element.content, Bytes{0xff});
}

// Collections are constructed, all other universal types primitive, in every level.
bool is_sound(ByteView content, int depth = 0) {
  const auto elements = der::children(content);
  if (!elements || depth > 16) return false;
  for (const der::Element& element : *elements) {
    if ((element.tag & 0xc0) == 0 && !is_universal_sound(element)) return false;
    if ((element.tag & 0x20) != 0 && !is_sound(element.content, depth + 1)) return false;
  }
  return true;
}

// What the extension's value becomes when it is decoded and encoded again; empty when it cannot.
Bytes encoded_again(X509_EXTENSION* extension) {
  const X509V3_EXT_METHOD* method = X509V3_EXT_get(extension);
  void* value = X509V3_EXT_d2i(extension);
  if (!method || !value) return {};
  const ExtensionPtr again(X509V3_EXT_i2d(OBJ_obj2nid(X509_EXTENSION_get_object(extension)),
                                          X509_EXTENSION_get_critical(extension), value));
  if (method->it)
    ASN1_item_free(static_cast<ASN1_VALUE*>(value), ASN1_ITEM_ptr(method->it));
  else
    method->ext_free(value);
  return again ? octets_of(X509_EXTENSION_get_data(again.get())) : Bytes{};
}

}  // namespace

void lint_encoding(ByteView tbs, const Certificate& draft, Objections& objections) {
  const crypto::QuietErrors quiet;
  const X509Ptr copy(X509_dup(draft.get()));
  if (!copy || !equal(encode_with(i2d_re_X509_tbs, copy.get()), tbs) || !is_sound(tbs))
    objections.emplace_back("the certificate is not in DER");
  for (int i = 0; i < X509_get_ext_count(draft.get()); ++i) {
    X509_EXTENSION* extension = X509_get_ext(draft.get(), i);
    const Bytes value = octets_of(X509_EXTENSION_get_data(extension));
    // noRevAvail and the validity-assured extension are NULL; OpenSSL does not know them
    // everywhere.
    if (value == der::null()) continue;
    if (encoded_again(extension) != value || !is_sound(value))
      objections.push_back("the extension " + dotted_of(X509_EXTENSION_get_object(extension)) +
                           " is not in DER");
  }
}

}  // namespace tsp::x509
