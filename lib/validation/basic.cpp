#include "validation/basic.h"

namespace tsp::validation {
namespace {

constexpr std::string_view kData = "1.2.840.113549.1.7.1";

Reference reference_for(const pdf::SignatureEntry& entry) {
  return entry.sub_filter == "adbe.pkcs7.detached" ? Reference::dispensable : Reference::required;
}

}  // namespace

BasicValidation validate_basic(const pdf::SignatureEntry& entry, Digests& digests,
                               Context& context) {
  BasicValidation out;
  out.format = check_format(entry);  // 5.2.2
  out.conclusion = out.format.conclusion;
  if (out.format.cms && out.format.cms->signers.size() == 1)  // 5.2.3
    out.signing = identify_signing_certificate(*out.format.cms, reference_for(entry),
                                               context.evidence.certificates);
  if (!out.conclusion.passed()) return out;
  out.conclusion = out.signing.conclusion;
  if (!out.conclusion.passed()) return out;
  const cms::SignerInfo& signer = out.format.cms->signers.front();
  const x509::Certificate& certificate = *out.signing.certificate;

  out.path = validate_x509(certificate, trust::Usage::any, context, context.at);     // 5.2.6
  out.conclusion = verify_cryptographically(signer, certificate, *entry.byte_range,  // 5.2.7
                                            digests);
  if (!out.conclusion.passed()) return out;
  out.conclusion = out.path.conclusion;
  if (!out.conclusion.passed()) return out;
  out.conclusion = accept_signature(signer, certificate, kData, context.at);  // 5.2.8
  return out;
}

}  // namespace tsp::validation
