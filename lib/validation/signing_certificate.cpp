#include "validation/signing_certificate.h"

#include <algorithm>

namespace tsp::validation {
namespace {

bool has_reference(const cms::SignerInfo& signer) {
  return std::ranges::any_of(signer.attributes, [](const cms::Attribute& attribute) {
    return attribute.oid == "1.2.840.113549.1.9.16.2.47" ||
           attribute.oid == "1.2.840.113549.1.9.16.2.12";
  });
}

std::optional<x509::Certificate> by_identifier(const cms::SignedData& cms,
                                               const std::vector<x509::Certificate>& more) {
  for (const auto* candidates : {&cms.certificates, &more})
    for (const x509::Certificate& candidate : *candidates)
      if (cms::identifies(cms.signers.front(), candidate)) return candidate;
  return std::nullopt;
}

}  // namespace

SigningCertificate identify_signing_certificate(const cms::SignedData& cms, Reference reference,
                                                const std::vector<x509::Certificate>& more) {
  SigningCertificate out;
  const cms::SignerInfo& signer = cms.signers.front();
  out.referenced = has_reference(signer);
  if (out.referenced) {
    out.certificate = cms::signing_certificate(cms, signer, more);
  } else if (reference == Reference::dispensable) {
    out.certificate = by_identifier(cms, more);
    out.findings.push_back({Severity::warning, std::string(kNoReference),
                            "no signed attribute names the signing certificate"});
  }
  if (!out.certificate) {
    out.conclusion =
        conclude(Sub::no_signing_certificate_found, kNoSigningCertificate,
                 out.referenced ? "no certificate has the digest that the signed attributes name"
                                : "no signed attribute names the signing certificate");
    return out;
  }
  if (!cms::identifies(signer, *out.certificate))
    out.findings.push_back({Severity::warning, std::string(kIdentifierDiffers),
                            "issuer and serial number name another certificate than the digest"});
  return out;
}

}  // namespace tsp::validation
