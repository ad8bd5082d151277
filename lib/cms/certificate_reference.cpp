#include "cms/certificate_reference.h"

#include <openssl/crypto.h>

#include "base/error.h"
#include "cms/ber.h"
#include "crypto/digest.h"

namespace tsp::cms {
namespace {

namespace der = crypto::der;

// The members of the first of `certs`, or nothing when the shape is wrong.
std::optional<std::vector<der::Element>> first_reference(ByteView bytes) {
  const auto outer = der::first(bytes);
  if (!outer || outer->tag != der::kSequence || outer->whole.size() != bytes.size())
    return std::nullopt;
  const auto fields = der::children(outer->content);
  if (!fields || fields->empty() || fields->size() > 2) return std::nullopt;
  for (const der::Element& field : *fields)
    if (field.tag != der::kSequence) return std::nullopt;
  const auto references = der::children(fields->front().content);
  if (!references || references->empty() || references->front().tag != der::kSequence)
    return std::nullopt;
  return der::children(references->front().content);
}

// certHash and perhaps issuerSerial, from `at` on.
std::optional<CertificateReference> read_digest(crypto::HashAlgorithm hash,
                                                const std::vector<der::Element>& fields,
                                                std::size_t at) {
  if (fields.size() <= at || fields.size() > at + 2) return std::nullopt;
  if (fields[at].tag != der::kOctetString || fields[at].content.size() != crypto::size_of(hash))
    return std::nullopt;
  if (fields.size() == at + 2 && fields[at + 1].tag != der::kSequence) return std::nullopt;
  return CertificateReference{hash, to_bytes(fields[at].content),
                              fields.size() == at + 2 ? to_bytes(fields[at + 1].whole) : Bytes()};
}

}  // namespace

Bytes serial_der(const x509::Certificate& certificate) {
  std::uint8_t* out = nullptr;
  const int size = i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate.get()), &out);
  if (size <= 0) throw Error(Fault::failed, "cannot encode a serial number");
  Bytes serial(out, out + size);
  OPENSSL_free(out);
  return serial;
}

Bytes issuer_and_serial(const x509::Certificate& certificate) {
  return der::sequence(certificate.issuer_der(), serial_der(certificate));
}

Bytes issuer_serial(const x509::Certificate& certificate) {
  // GeneralNames with one directoryName; a Name is a CHOICE, hence explicitly tagged.
  const Bytes issuer = der::sequence(der::tlv(der::context(4), certificate.issuer_der()));
  return der::sequence(issuer, serial_der(certificate));
}

Bytes signing_certificate_v2(crypto::HashAlgorithm hash, const x509::Certificate& certificate) {
  const Bytes algorithm =
      hash == crypto::HashAlgorithm::sha256 ? Bytes() : crypto::digest_identifier(hash);
  const Bytes digest = der::octet_string(crypto::digest(hash, certificate.der()));
  return der::sequence(der::sequence(der::sequence(algorithm, digest, issuer_serial(certificate))));
}

std::optional<CertificateReference> parse_signing_certificate_v2(ByteView bytes) {
  const auto fields = first_reference(bytes);
  if (!fields || fields->empty()) return std::nullopt;
  if (fields->front().tag != der::kSequence)
    return read_digest(crypto::HashAlgorithm::sha256, *fields, 0);
  const auto algorithm = der::children(fields->front().content);
  if (!algorithm || algorithm->empty() || algorithm->size() > 2 ||
      algorithm->front().tag != der::kOid)
    return std::nullopt;
  const auto hash = crypto::hash_of_oid(der::dotted(algorithm->front().content));
  if (!hash) return std::nullopt;
  return read_digest(*hash, *fields, 1);
}

std::optional<CertificateReference> parse_signing_certificate_v1(ByteView bytes) {
  const auto fields = first_reference(bytes);
  if (!fields) return std::nullopt;
  return read_digest(crypto::HashAlgorithm::sha1, *fields, 0);
}

}  // namespace tsp::cms
