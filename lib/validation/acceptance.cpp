#include "validation/acceptance.h"

#include <algorithm>

#include "base/error.h"
#include "crypto/der.h"
#include "crypto/suite.h"

namespace tsp::validation {
namespace {

constexpr std::string_view kContentTypeOid = "1.2.840.113549.1.9.3",
                           kMessageDigestOid = "1.2.840.113549.1.9.4",
                           kReferenceV1 = "1.2.840.113549.1.9.16.2.12",
                           kReferenceV2 = "1.2.840.113549.1.9.16.2.47";

Conclusion unacceptable(std::string_view finding, std::string reason) {
  return conclude(Sub::sig_constraints_failure, finding, std::move(reason));
}

Conclusion accept_attributes(const cms::SignerInfo& signer, std::string_view content_type) {
  const cms::Attribute* type = cms::sole(signer.attributes, kContentTypeOid);
  if (type == nullptr || cms::sole(signer.attributes, kMessageDigestOid) == nullptr)
    return unacceptable(kAttributeMissing,
                        "content-type and message-digest must be signed, each exactly once");
  if (cms::sole(signer.attributes, kReferenceV2) == nullptr &&
      cms::sole(signer.attributes, kReferenceV1) == nullptr)
    return unacceptable(kAttributeMissing,
                        "no signed attribute names the signing certificate: not an AdES signature");
  const auto value = crypto::der::first(type->values.front());
  if (!value || value->tag != crypto::der::kOid ||
      crypto::der::dotted(value->content) != content_type)
    return unacceptable(kContentTypeDiffers,
                        "the signed content type is not the type of the content");
  return passed();
}

std::optional<std::string> objection(const cms::SignerInfo& signer,
                                     const x509::Certificate& certificate, Time at) {
  if (!signer.scheme || !signer.hash) return "the algorithms of the signature are unknown";
  try {
    return crypto::objection(*signer.scheme, *signer.hash, certificate.public_key(), at);
  } catch (const Error& error) {
    return error.why;
  }
}

}  // namespace

Conclusion accept_algorithms(const cms::SignerInfo& signer, const x509::Certificate& certificate,
                             Time at) {
  const auto now = objection(signer, certificate, at);
  if (!now) return passed();
  // Nothing was signed before the certificate began.
  const bool earlier_helps = !objection(signer, certificate, certificate.not_before());
  return conclude(
      earlier_helps ? Sub::crypto_constraints_failure_no_poe : Sub::crypto_constraints_failure,
      kAlgorithmWeak, *now);
}

Conclusion accept_signature(const cms::SignerInfo& signer, const x509::Certificate& certificate,
                            std::string_view content_type, Time at) {
  Conclusion attributes = accept_attributes(signer, content_type);
  return attributes.passed() ? accept_algorithms(signer, certificate, at) : attributes;
}

}  // namespace tsp::validation
