#include "validation/past_certificate.h"

#include <algorithm>

namespace tsp::validation {
namespace {

// The last moment of the intersection of the validities, nothing where they have none in common.
std::optional<Time> common_moment(const std::vector<x509::Certificate>& chain) {
  Time from = Time::min(), to = Time::max();
  for (const x509::Certificate& certificate : chain) {
    from = std::max(from, certificate.not_before());
    to = std::min(to, certificate.not_after());
  }
  return from <= to ? std::optional(to) : std::nullopt;
}

Conclusion judge_path(const trust::PathVerdict& path) {
  if (path.ok) return passed();
  const trust::PathFinding& finding = path.findings.front();
  const Sub sub = finding.id == trust::kNoPath || finding.id == trust::kBadSignature
                      ? Sub::no_certificate_chain_found
                  : finding.id == trust::kPurpose || finding.id == trust::kPolicy
                      ? Sub::chain_constraints_failure
                      : Sub::certificate_chain_general_failure;
  return conclude(sub, kChainInvalid, finding.detail);
}

}  // namespace

PastCertificate validate_past_certificate(const x509::Certificate& certificate, trust::Usage usage,
                                          const std::vector<x509::Certificate>& chain,
                                          SignerEvidence evidence, const Context& context) {
  PastCertificate out;
  const auto moment = common_moment(chain);
  if (!moment) {
    out.conclusion = conclude(Sub::certificate_chain_general_failure, kChainInvalid,
                              "the certificates of the chain were never valid together");
    return out;
  }
  trust::PathRules rules = rules_of(context.policy, usage);
  rules.strength = trust::Strength::leave;  // 5.6.2.2 d)
  const trust::PathVerdict path =
      trust::verify_path(certificate, context.evidence.certificates,
                         context.anchors.ever(service_of(usage), context.at), *moment, rules);
  out.chain = path.chain;
  out.conclusion = judge_path(path);
  if (!out.conclusion.passed()) return out;
  out.sliding = slide_validation_time(path.chain, usage, evidence, context);
  out.conclusion = out.sliding.conclusion;
  return out;
}

}  // namespace tsp::validation
