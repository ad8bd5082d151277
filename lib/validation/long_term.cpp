#include "validation/long_term.h"
#include "cms/oids.h"

#include <algorithm>

namespace tsp::validation {
namespace {

// Steps 7 to 9.
Conclusion judge_past(LongTermValidation& out, const BasicValidation& basic,
                      const TimedValidation& timed, const std::optional<Time>& claimed,
                      Context& context) {
  const cms::SignerInfo& signer = basic.format.cms->signers.front();
  const x509::Certificate& certificate = *basic.signing.certificate;
  const auto objection = [&](Time at) {
    return validation::objection(signer, certificate, at, context.policy);
  };
  PastSignature past = validate_past_signature(
      {timed.conclusion, basic.path, trust::Usage::any, out.best_signature_time, objection},
      context);
  for (StepResult& each : past.steps) out.steps.push_back(std::move(each));
  if (!past.conclusion.passed()) return past.conclusion;
  out.path = basic.path;
  out.path.revocation = std::move(past.used);
  if (context.policy.level(Rule::timestamp_delay) == Level::fail && out.proven)
    if (Conclusion delay = check_delay(claimed, out.best_signature_time, context.policy);
        !delay.passed())
      return delay;
  return accept_signature(signer, certificate, cms::oids::kData, out.best_signature_time,
                          context.policy);
}

}  // namespace

LongTermValidation validate_long_term(const BasicValidation& basic, const TimedValidation& timed,
                                      bool archived, const std::optional<Time>& claimed,
                                      Context& context) {
  LongTermValidation out{timed.conclusion, timed.best_signature_time, timed.proven, timed.path, {}};
  if (!basic.format.cms || basic.format.cms->signers.size() != 1 || !basic.signing.certificate)
    return out;
  // Steps 4 and 6.
  const ObjectId value = id_of(basic.format.cms->signers.front().signature);
  const Time earliest = context.proofs.earliest(value).time;
  out.best_signature_time = std::min(out.best_signature_time, earliest);
  out.proven = out.proven || earliest < context.at;
  if (!archived) return out;
  // Step 3.
  if (!timed.conclusion.passed() && is_mendable(timed.conclusion.sub))
    out.conclusion = judge_past(out, basic, timed, claimed, context);
  out.steps.push_back(step("5.6", "long-term-validation", out.conclusion));
  return out;
}

}  // namespace tsp::validation
