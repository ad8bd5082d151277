#include "validation/basic.h"

#include <algorithm>

#include "cms/oids.h"
#include "validation/constraint.h"

namespace tsp::validation {
namespace {

constexpr std::string_view kContentTimestamp = "1.2.840.113549.1.9.16.2.20";

Reference reference_for(const pdf::SignatureEntry& entry) {
  return entry.sub_filter == "adbe.pkcs7.detached" ? Reference::dispensable : Reference::required;
}

class Basic {
 public:
  Basic(const pdf::SignatureEntry& entry, Digests& digests, Context& context)
      : entry_(entry), digests_(digests), context_(context) {}

  BasicValidation run() {
    run_blocks();
    out_.steps.push_back(step("5.3", "basic-validation", out_.conclusion));
    return std::move(out_);
  }

 private:
  void run_blocks() {
    out_.format = check_format(entry_, context_.decoded());
    if (out_.format.cms && out_.format.cms->signers.size() == 1)
      out_.signing = identify_signing_certificate(*out_.format.cms, reference_for(entry_),
                                                  context_.evidence.certificates);
    if (!note("5.2.2", "format-checking", out_.format.conclusion)) return;
    if (!note("5.2.3", "signing-certificate", out_.signing.conclusion)) return;
    const cms::SignerInfo& signer = out_.format.cms->signers.front();
    const x509::Certificate& certificate = *out_.signing.certificate;
    if (!note("5.2.4", "validation-context",
              settle(Rule::signature_policy, check_signature_policy(signer, context_.policy))))
      return;
    out_.path = validate_x509(certificate, trust::Usage::any, context_, context_.at);
    note("5.2.6", "x509-validation", out_.path.conclusion);
    if (!note("5.2.7", "cryptographic-verification",
              verify_cryptographically(signer, certificate, *entry_.byte_range, digests_)))
      return;
    judge_content_timestamps(signer);
    out_.conclusion = hardened(out_.path.conclusion, certificate);
    if (!out_.conclusion.passed()) return;
    note("5.2.8", "signature-acceptance",
         accept_signature(signer, certificate, cms::oids::kData, context_.at, context_.policy));
  }

  bool note(std::string_view clause, std::string_view name, Conclusion conclusion) {
    out_.steps.push_back(step(clause, name, conclusion));
    out_.conclusion = std::move(conclusion);
    return out_.conclusion.passed();
  }

  Conclusion settle(Rule rule, Conclusion conclusion) {
    return settled(context_.policy, rule, std::move(conclusion), out_.findings);
  }

  void judge_content_timestamps(const cms::SignerInfo& signer) {
    constexpr std::size_t kMost = 8;
    for (const cms::Attribute& attribute : signer.attributes)
      if (attribute.oid == kContentTimestamp)
        for (const Bytes& token : attribute.values)
          if (out_.content_timestamps.size() < kMost)
            out_.content_timestamps.push_back(validate_timestamp(
                token,
                [this](crypto::HashAlgorithm hash) {
                  const Bytes* digest = digests_.of(*entry_.byte_range, hash);
                  return digest == nullptr ? Bytes() : *digest;
                },
                context_));
  }

  // 5.3: the signature is younger than its content time-stamps.
  Conclusion hardened(const Conclusion& status, const x509::Certificate& certificate) const {
    for (const TimestampValidation& stamp : out_.content_timestamps) {
      if (!stamp.conclusion.passed()) continue;
      const Time time = stamp.info->time;
      if (status.sub == Sub::revoked_no_poe && out_.path.revoked_at && time > *out_.path.revoked_at)
        return conclude(
            Sub::revoked, kStampedAfterRevocation,
            status.reason + "; the content was time-stamped later, at " + to_rfc3339(time));
      if ((status.sub == Sub::out_of_bounds_no_poe ||
           status.sub == Sub::out_of_bounds_not_revoked) &&
          time > certificate.not_after())
        return conclude(
            Sub::expired, kStampedAfterExpiry,
            status.reason + "; the content was time-stamped later, at " + to_rfc3339(time));
    }
    return status;
  }

  const pdf::SignatureEntry& entry_;
  Digests& digests_;
  Context& context_;
  BasicValidation out_;
};

}  // namespace

BasicValidation validate_basic(const pdf::SignatureEntry& entry, Digests& digests,
                               Context& context) {
  context.material.take(context.evidence, Origin::given);
  return Basic(entry, digests, context).run();
}

}  // namespace tsp::validation
