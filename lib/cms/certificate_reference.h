// The ESS signing-certificate attributes (RFC 2634 section 5.4, RFC 5035 section 4):
//
//     SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, policies … OPTIONAL }
//     ESSCertIDv2 ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier DEFAULT {id-sha256},
//                                certHash OCTET STRING, issuerSerial IssuerSerial OPTIONAL }
//
// Version 1 is the same with SHA-1 and without hashAlgorithm. Of `certs` the first names the
// signing certificate; the others, which limit the path, are not read. Internal to the room.
#pragma once

#include <optional>

#include "crypto/algorithms.h"
#include "x509/certificate.h"

namespace tsp::cms {

struct CertificateReference {
  crypto::HashAlgorithm hash;
  Bytes digest;
  Bytes issuer_serial;  // DER of IssuerSerial, shape not checked; empty: absent
};

Bytes signing_certificate_v2(crypto::HashAlgorithm hash, const x509::Certificate& certificate);
// Nothing when malformed or of an unknown hash. BER in the value is not understood.
std::optional<CertificateReference> parse_signing_certificate_v2(ByteView der);
std::optional<CertificateReference> parse_signing_certificate_v1(ByteView der);

// IssuerSerial of a certificate, RFC 5035 section 4: one directoryName and the serial number.
Bytes issuer_serial(const x509::Certificate& certificate);
// DER of the INTEGER, with its sign.
Bytes serial_der(const x509::Certificate& certificate);
// IssuerAndSerialNumber, RFC 5652 section 10.2.4.
Bytes issuer_and_serial(const x509::Certificate& certificate);

}  // namespace tsp::cms
