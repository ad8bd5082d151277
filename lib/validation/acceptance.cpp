#include "validation/acceptance.h"

#include <algorithm>

#include "base/error.h"
#include "crypto/der.h"

namespace tsp::validation {
namespace {

constexpr std::string_view kContentTypeOid = "1.2.840.113549.1.9.3",
                           kMessageDigestOid = "1.2.840.113549.1.9.4",
                           kReferenceV1 = "1.2.840.113549.1.9.16.2.12",
                           kReferenceV2 = "1.2.840.113549.1.9.16.2.47",
                           kSignaturePolicyOid = "1.2.840.113549.1.9.16.2.15";

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

}  // namespace

std::optional<std::string> objection(const cms::SignerInfo& signer,
                                     const x509::Certificate& certificate, Time at,
                                     const Policy& policy) {
  if (!signer.scheme || !signer.hash) return "the algorithms of the signature are unknown";
  try {
    return policy.suite.objection(*signer.scheme, *signer.hash, certificate.public_key(), at);
  } catch (const Error& error) {
    return error.why;
  }
}

Conclusion accept_algorithms(const cms::SignerInfo& signer, const x509::Certificate& certificate,
                             Time at, const Policy& policy) {
  if (policy.level(Rule::algorithms) != Level::fail) return passed();
  const auto now = objection(signer, certificate, at, policy);
  if (!now) return passed();
  // Nothing was signed before the certificate began.
  const bool earlier_helps = !objection(signer, certificate, certificate.not_before(), policy);
  return conclude(
      earlier_helps ? Sub::crypto_constraints_failure_no_poe : Sub::crypto_constraints_failure,
      kAlgorithmWeak, *now);
}

Conclusion accept_signature(const cms::SignerInfo& signer, const x509::Certificate& certificate,
                            std::string_view content_type, Time at, const Policy& policy) {
  Conclusion attributes = accept_attributes(signer, content_type);
  return attributes.passed() ? accept_algorithms(signer, certificate, at, policy) : attributes;
}

Conclusion check_signature_policy(const cms::SignerInfo& signer, const Policy& policy) {
  const bool named = std::ranges::any_of(signer.attributes, [](const cms::Attribute& attribute) {
    return attribute.oid == kSignaturePolicyOid;
  });
  if (!named) return passed();
  const cms::Attribute* attribute = cms::sole(signer.attributes, kSignaturePolicyOid);
  // SignaturePolicy ::= CHOICE { SEQUENCE { sigPolicyId OBJECT IDENTIFIER, … }, implied NULL }
  const auto value =
      attribute == nullptr ? std::nullopt : crypto::der::first(attribute->values.front());
  if (value && value->tag == crypto::der::kNull) return passed();
  const auto id = value && value->tag == crypto::der::kSequence ? crypto::der::first(value->content)
                                                                : std::nullopt;
  std::optional<std::string> oid;
  if (id && id->tag == crypto::der::kOid) oid = crypto::der::dotted(id->content);
  if (!oid)
    return conclude(Sub::policy_processing_error, kSignaturePolicy,
                    "the signature policy that the signature names cannot be read");
  if (std::ranges::find(policy.signature_policies, *oid) != policy.signature_policies.end())
    return passed();
  return conclude(Sub::signature_policy_not_available, kSignaturePolicy,
                  "the signature names the signature policy " + *oid + ", which is not known here");
}

}  // namespace tsp::validation
