// CRLReason (RFC 5280 section 5.3.1): names and codes.
#pragma once

#include <openssl/asn1.h>

#include <optional>
#include <string>

#include "base/bytes.h"

namespace tsp::x509 {

// The code of a name that is_reason() knows; nothing for others.
std::optional<int> reason_code(std::string_view name);
// Any code that RFC 5280 has; "unspecified" for codes that it has not.
std::string reason_name(long code);
// The DER of the ENUMERATED.
Bytes encode_enumerated(int code);

// The value of a serial number given in hex; null where the text is no hex.
ASN1_INTEGER* new_serial(const std::string& hex);

}  // namespace tsp::x509
