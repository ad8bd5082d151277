// OpenSSL's ASN.1 values as ours. Only for this room and those above that hold OpenSSL types.
#pragma once

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/release.h"
#include "base/time.h"

namespace tsp::x509 {

using X509Ptr = std::unique_ptr<X509, Release<&X509_free>>;
using NamePtr = std::unique_ptr<X509_NAME, Release<&X509_NAME_free>>;
using GeneralizedPtr = std::unique_ptr<ASN1_GENERALIZEDTIME, Release<&ASN1_GENERALIZEDTIME_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Release<&ASN1_OBJECT_free>>;

// The DER of an OpenSSL value by its i2d function; empty where OpenSSL cannot encode it.
template <class T, class Encode>
Bytes encode_with(Encode encode, T* value) {
  std::uint8_t* out = nullptr;
  const int size = encode(value, &out);
  if (size <= 0) return {};
  const std::unique_ptr<std::uint8_t, decltype([](std::uint8_t* p) { OPENSSL_free(p); })> owner(
      out);
  return {out, out + size};
}

// The content octets.
Bytes octets_of(const ASN1_STRING* value);
// UTCTime or GeneralizedTime; nothing when it is no time.
std::optional<Time> time_of(const ASN1_TIME* value);
// Lower-case hex without leading zero octet; "00" for zero, a leading "-" when negative.
std::string serial_of(const ASN1_INTEGER* value);
// "2.5.29.15"
std::string dotted_of(const ASN1_OBJECT* object);
// Throws Error{failed} where the text is no OID.
ObjectPtr object_of(std::string_view dotted);
// A URI of a GeneralName: printable ASCII only, else nothing.
std::optional<std::string> uri_of(const GENERAL_NAME* name);

}  // namespace tsp::x509
