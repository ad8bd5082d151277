// Distinguished names as text (RFC 4514).
#pragma once

#include <openssl/x509.h>

#include <optional>
#include <string>

namespace tsp::x509 {

// RFC 4514, UTF-8, the last RDN first: "CN=Ada Lovelace,O=Example,C=LU". Attribute types that are
// not in common use appear as dotted OIDs, values that are no text as #hex of their DER. Control
// characters stay as they are: see printable().
std::string text_of(const X509_NAME* name);
// The text of the last attribute of this type (dotted), or nothing.
std::optional<std::string> attribute_of(const X509_NAME* name, std::string_view oid);

}  // namespace tsp::x509
