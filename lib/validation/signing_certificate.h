// EN 319 102-1, 5.2.3, identification of the signing certificate: the certificate whose digest the
// signed reference carries. Issuer and serial number are not signed where it counts; that they
// contradict is a warning only.
#pragma once

#include <optional>

#include "cms/signed_data.h"
#include "validation/conclusion.h"

namespace tsp::validation {

inline constexpr std::string_view
    kNoSigningCertificate = "signing-certificate.not-found",
    kNoReference = "signing-certificate.no-reference",  // warning: not an AdES signature
    kIdentifierDiffers = "signing-certificate.identifier-differs";  // warning

enum class Reference {
  required,     // AdES
  dispensable,  // adbe.pkcs7.detached: the SignerIdentifier will do, but see acceptance
};

struct SigningCertificate {
  Conclusion conclusion;  // passed or NO_SIGNING_CERTIFICATE_FOUND
  std::optional<x509::Certificate> certificate;
  bool referenced = false;  // by a signed attribute
  std::vector<Finding> findings;
};

// `more`: certificates found elsewhere (a security store, the TSP).
SigningCertificate identify_signing_certificate(const cms::SignedData& cms, Reference reference,
                                                const std::vector<x509::Certificate>& more);

}  // namespace tsp::validation
