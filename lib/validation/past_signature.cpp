#include "validation/past_signature.h"

#include "validation/strength_by_proofs.h"

namespace tsp::validation {
namespace {

class Past {
 public:
  Past(const PastQuestion& question, Context& context)
      : question_(question), leaf_(question.path.chain.front()), context_(context) {}

  PastSignature run() {
    out_.conclusion = question_.current;
    Conclusion of_evidence;  // step 1: sig_cert_revocation_poe-status
    PastCertificate past = validate(SignerEvidence::proven_in_time);
    if (!past.conclusion.passed()) {
      past = validate(SignerEvidence::any);
      of_evidence = conclude(Sub::revocation_out_of_bounds_no_poe, kResponderExpired,
                             "no revocation information about " + leaf_.subject() +
                                 " is proven to have existed while its signer was valid");
    }
    out_.steps.push_back(step("5.6.2.1", "past-certificate-validation", past.conclusion));
    if (!past.conclusion.passed()) return std::move(out_);  // step 2
    out_.control_time = past.sliding.control_time;
    out_.used = past.sliding.used;
    Conclusion mended = mend(past);
    out_.conclusion = mended.passed() ? of_evidence : mended;  // step 7
    return std::move(out_);
  }

 private:
  PastCertificate validate(SignerEvidence evidence) const {
    return validate_past_certificate(leaf_, question_.usage, question_.path.chain, evidence,
                                     context_);
  }

  // Steps 3 to 6: passed means "go to step 7".
  Conclusion mend(const PastCertificate& past) {
    const bool proven = question_.proven <= past.sliding.control_time;
    switch (question_.current.sub) {
      case Sub::no_certificate_chain_found_no_poe:
        return proven ? within_validity(Sub::out_of_bounds_no_poe) : question_.current;
      case Sub::revoked_no_poe:
      case Sub::revocation_out_of_bounds_no_poe:
        return proven ? within_validity(Sub::out_of_bounds_not_revoked) : question_.current;
      case Sub::revoked_ca_no_poe:
        return proven && status_known_before(past) ? within_validity(Sub::out_of_bounds_not_revoked)
                                                   : question_.current;
      case Sub::out_of_bounds_no_poe:
      case Sub::out_of_bounds_not_revoked:
        return proven ? within_validity(question_.current.sub) : question_.current;
      case Sub::crypto_constraints_failure_no_poe:
        return algorithms_held(past) ? passed() : question_.current;
      case Sub::try_later:
        if (question_.path.revoked_at)  // suspended
          return proven ? within_validity(Sub::out_of_bounds_not_revoked) : question_.current;
        return fresh_when_proven() ? passed() : question_.current;
      default:
        return question_.current;
    }
  }

  // a) to c) of each case of step 3.
  Conclusion within_validity(Sub otherwise) const {
    const std::string when =
        "the signature is proven to have existed at " + to_rfc3339(question_.proven);
    if (question_.proven < leaf_.not_before())
      return conclude(Sub::not_yet_valid, "timestamp.before-certificate",
                      when + ", before its certificate began");
    if (question_.proven <= leaf_.not_after()) return passed();
    return conclude(otherwise, kExpired, when + ", after its certificate ended");
  }

  // The signing certificate's status was told, provably, before its authority was revoked.
  bool status_known_before(const PastCertificate& past) const {
    const auto& used = past.sliding.used.front();
    if (!used || !question_.path.revoked_at) return false;
    if (used->status == trust::RevocationStatus::not_needed) return true;
    return context_.proofs.earliest(context_.material.of(*used).id).time <=
           *question_.path.revoked_at;
  }

  bool algorithms_held(const PastCertificate& past) const {
    if (question_.objection(question_.proven)) return false;
    const PathOutcome then{{}, past.chain, {}, past.sliding.used, {}};
    return check_strength(then, context_).passed();
  }

  bool fresh_when_proven() const {
    return validate_x509(leaf_, question_.usage, context_, question_.proven).conclusion.passed();
  }

  const PastQuestion& question_;
  const x509::Certificate& leaf_;
  Context& context_;
  PastSignature out_;
};

}  // namespace

bool is_mendable(Sub sub) {
  switch (sub) {
    case Sub::revoked_no_poe:
    case Sub::revoked_ca_no_poe:
    case Sub::out_of_bounds_no_poe:
    case Sub::out_of_bounds_not_revoked:
    case Sub::crypto_constraints_failure_no_poe:
    case Sub::revocation_out_of_bounds_no_poe:
    case Sub::no_certificate_chain_found_no_poe:
    case Sub::try_later:
      return true;
    default:
      return false;
  }
}

PastSignature validate_past_signature(const PastQuestion& question, Context& context) {
  if (question.path.chain.empty() || !is_mendable(question.current.sub))
    return {question.current, {}, {}, {}};
  PastSignature out = Past(question, context).run();
  out.steps.push_back(step("5.6.2.4", "past-signature-validation", out.conclusion));
  return out;
}

}  // namespace tsp::validation
