// CertID ::= SEQUENCE {hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber}, RFC 6960 4.1.1.
#pragma once

#include <openssl/ocsp.h>

#include "x509/revocation.h"

namespace tsp::x509 {

Bytes encode_cert_id(const Certificate& certificate, const Certificate& issuer,
                     crypto::HashAlgorithm hash);
OcspRequest::Id read_cert_id(const OCSP_CERTID* id);

}  // namespace tsp::x509
