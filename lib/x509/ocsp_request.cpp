// OCSP requests, RFC 6960 section 4.1.
#include <openssl/ocsp.h>

#include "base/error.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"
#include "x509/asn1.h"
#include "x509/ocsp_id.h"
#include "x509/revocation.h"
#include "x509/tbs.h"

namespace tsp::x509 {
namespace {

namespace der = crypto::der;

using RequestPtr = std::unique_ptr<OCSP_REQUEST, Release<&OCSP_REQUEST_free>>;

constexpr std::size_t kLargestRequest = 64 << 10;  // octets
constexpr int kMostIds = 64;
constexpr std::size_t kLongestNonce = 128;  // RFC 9654

[[noreturn]] void refuse_request(std::string why) {
  throw Error(Fault::bad_input, "not an OCSP request", std::move(why));
}

// Nonce ::= OCTET STRING, inside extnValue.
std::optional<Bytes> read_nonce(OCSP_REQUEST* request) {
  const int index = OCSP_REQUEST_get_ext_by_NID(request, NID_id_pkix_OCSP_Nonce, -1);
  if (index < 0) return std::nullopt;
  const Bytes value = octets_of(X509_EXTENSION_get_data(OCSP_REQUEST_get_ext(request, index)));
  const auto nonce = der::first(value);
  if (!nonce || nonce->tag != der::kOctetString || nonce->whole.size() != value.size() ||
      nonce->content.empty() || nonce->content.size() > kLongestNonce)
    refuse_request("its nonce is no OCTET STRING of 1 to 128 octets");
  return to_bytes(nonce->content);
}

}  // namespace

OcspRequest::Id read_cert_id(const OCSP_CERTID* id) {
  ASN1_OCTET_STRING *name_hash = nullptr, *key_hash = nullptr;
  ASN1_OBJECT* hash = nullptr;
  ASN1_INTEGER* serial = nullptr;
  // Only reads; OpenSSL's own const is missing.
  auto* shared = const_cast<OCSP_CERTID*>(id);
  OCSP_id_get0_info(&name_hash, &hash, &key_hash, &serial, shared);
  return {encode_with(i2d_OCSP_CERTID, shared), octets_of(name_hash), octets_of(key_hash),
          dotted_of(hash), serial_of(serial)};
}

Bytes encode_cert_id(const Certificate& certificate, const Certificate& issuer,
                     crypto::HashAlgorithm hash) {
  const Bytes algorithm = der::sequence(der::oid(crypto::oid_of(hash)), der::null());
  const Bytes serial = encode_with(i2d_ASN1_INTEGER, X509_get0_serialNumber(certificate.get()));
  return der::sequence(algorithm, der::octet_string(crypto::digest(hash, issuer.subject_der())),
                       der::octet_string(crypto::digest(hash, key_bits(issuer.public_key()))),
                       serial);
}

OcspRequest parse_ocsp_request(ByteView bytes) {
  if (bytes.size() > kLargestRequest) refuse_request("larger than 64 KiB");
  const crypto::QuietErrors quiet;
  const std::uint8_t* at = bytes.data();
  const RequestPtr request(d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(bytes.size())));
  if (!request) refuse_request("damaged or not DER");
  if (at != bytes.data() + bytes.size()) refuse_request("something follows it");
  const int count = OCSP_request_onereq_count(request.get());
  if (count < 1 || count > kMostIds) refuse_request("it does not ask for 1 to 64 certificates");
  OcspRequest parsed;
  for (int i = 0; i < count; ++i)
    parsed.ids.push_back(
        read_cert_id(OCSP_onereq_get0_id(OCSP_request_onereq_get0(request.get(), i))));
  parsed.nonce = read_nonce(request.get());
  return parsed;
}

Bytes make_ocsp_request(const Certificate& certificate, const Certificate& issuer,
                        const std::optional<Bytes>& nonce, crypto::HashAlgorithm hash) {
  Bytes extensions;
  if (nonce)
    extensions = der::wrap(der::context(2), der::sequence(extension("1.3.6.1.5.5.7.48.1.2", false,
                                                                    der::octet_string(*nonce))));
  const Bytes one = der::sequence(encode_cert_id(certificate, issuer, hash));
  return der::sequence(der::sequence(der::sequence(one), extensions));
}

bool id_is_of(const OcspRequest::Id& id, const Certificate& issuer) {
  const auto hash = crypto::hash_of_oid(id.hash_oid);
  if (!hash) return false;
  return id.issuer_name_hash == crypto::digest(*hash, issuer.subject_der()) &&
         id.issuer_key_hash == crypto::digest(*hash, key_bits(issuer.public_key()));
}

}  // namespace tsp::x509
