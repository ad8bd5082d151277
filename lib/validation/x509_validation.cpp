#include "validation/x509_validation.h"

#include <algorithm>

#include "validation/constraint.h"
#include "validation/revocation_check.h"

namespace tsp::validation {
namespace {

using trust::PathFinding;
using trust::PathVerdict;
using trust::RevocationStatus;
using trust::RevocationVerdict;

// An anchor that counts at the moment is preferred to one that did once.
PathVerdict find_path(const x509::Certificate& certificate, trust::Usage usage,
                      const Context& context, Time at) {
  const trust::PathRules rules = rules_of(context.policy, usage);
  const auto& pool = context.evidence.certificates;
  PathVerdict path = trust::verify_path(certificate, pool, context.anchors, at, rules);
  if (!context.anchors.has_terms() || !path.has(trust::kNoPath)) return path;
  const trust::TrustStore ever = context.anchors.ever(service_of(usage), context.at);
  PathVerdict once = trust::verify_path(certificate, pool, ever, at, rules);
  return once.has(trust::kNoPath) ? path : once;
}

// Asks for issuers as long as each answer brings the path further.
PathVerdict find_path_asking(const x509::Certificate& certificate, trust::Usage usage,
                             Context& context, Time at) {
  PathVerdict path = find_path(certificate, usage, context, at);
  for (int asked = 0; asked < 5 && path.has(trust::kNoPath) && context.source != nullptr; ++asked) {
    if (!context.source->find_issuer(path.chain.back(), context.evidence)) break;
    context.material.take(context.evidence, Origin::fetched);
    path = find_path(certificate, usage, context, at);
  }
  return path;
}

bool is_date(const PathFinding& finding) {
  return finding.id == trust::kExpired || finding.id == trust::kNotYetValid;
}

// What is wrong with the path apart from dates and algorithms.
Conclusion judge_shape(const PathVerdict& path) {
  for (const PathFinding& finding : path.findings) {
    if (finding.id == trust::kNoPath || finding.id == trust::kBadSignature)
      return conclude(Sub::no_certificate_chain_found, kNoChain, finding.detail);
    if (finding.id == trust::kPurpose || finding.id == trust::kPolicy)
      return conclude(Sub::chain_constraints_failure, kPurpose, finding.detail);
    if (!is_date(finding) && finding.id != trust::kWeak)
      return conclude(Sub::certificate_chain_general_failure, kChainInvalid, finding.detail);
  }
  return passed();
}

Conclusion judge_sunset(const PathVerdict& path, trust::Usage usage, const Context& context,
                        Time at) {
  const x509::Certificate& anchor = path.chain.back();
  const auto sunset = context.anchors.sunset(anchor, service_of(usage));
  if (!sunset || at < *sunset) return passed();
  return conclude(Sub::no_certificate_chain_found_no_poe, kSunset,
                  anchor.subject() + " was trusted until " + to_rfc3339(*sunset));
}

// A document's signing key must be one for signatures: digitalSignature or nonRepudiation.
Conclusion judge_key_usage(const x509::Certificate& certificate) {
  if (certificate.has_key_usage(0) || certificate.has_key_usage(1)) return passed();
  return conclude(Sub::chain_constraints_failure, kPurpose,
                  certificate.subject() + ": its key usage does not include signatures");
}

std::string told_revocation(const x509::Certificate& certificate,
                            const RevocationVerdict& verdict) {
  std::string text = certificate.subject() + " was revoked at " + to_rfc3339(verdict.revoked_at);
  return verdict.reason.empty() ? text : text + " (" + verdict.reason + ")";
}

// Judges the chain of an outcome at a moment.
class Judge {
 public:
  Judge(PathOutcome& out, trust::Usage usage, Context& context, Time at)
      : out_(out), usage_(usage), context_(context), at_(at) {}

  void run(const PathVerdict& path) {
    out_.revocation.resize(out_.chain.size() - 1);
    if (!judge_authorities()) return;
    judge_leaf(path);
    if (out_.conclusion.passed()) settle(Rule::algorithms, judge_strength(path));
  }

  // A constraint that is not met counts, or is told, as the policy says.
  void settle(Rule rule, Conclusion conclusion) {
    conclusion = settled(context_.policy, rule, std::move(conclusion), out_.findings);
    if (!conclusion.passed()) out_.conclusion = std::move(conclusion);
  }

 private:
  StatusAnswer ask(std::size_t index) {
    StatusAnswer answer =
        validation::status_of({out_.chain, index, usage_, at_, mistrust_}, context_);
    out_.revocation[index] = answer.verdict;
    if (answer.verdict.status == RevocationStatus::revoked && index > 0 && !mistrust_)
      mistrust_ = {answer.verdict.revoked_at, trust::is_compromise(answer.verdict.reason)};
    return answer;
  }

  bool is_known_good(const StatusAnswer& answer) const {
    return context_.policy.level(Rule::revocation) != Level::fail ||
           answer.is_known_good(context_.policy.level(Rule::revocation_freshness));
  }

  void judge_lack(const x509::Certificate& certificate, const StatusAnswer& answer) {
    const RevocationVerdict& verdict = answer.verdict;
    if (answer.is_known_good(Level::fail)) return;
    // There was evidence, only not of algorithms that can be relied on.
    if (!answer.weakness.empty())
      return settle(Rule::algorithms, conclude(Sub::crypto_constraints_failure_no_poe, kChainWeak,
                                               "revocation information about " +
                                                   certificate.subject() + ": " + answer.weakness));
    const bool stale = verdict.status != RevocationStatus::unknown;
    const Sub sub =
        !stale && answer.out_of_bounds ? Sub::revocation_out_of_bounds_no_poe : Sub::try_later;
    const std::string_view finding = stale                  ? kStale
                                     : answer.out_of_bounds ? kResponderExpired
                                                            : kNoRevocation;
    settle(
        stale ? Rule::revocation_freshness : Rule::revocation,
        conclude(sub, finding,
                 certificate.subject() + ": " +
                     (verdict.text.empty() ? "its revocation status is unknown" : verdict.text)));
  }

  // From the certificate under the anchor down to the signing certificate's issuer.
  bool judge_authorities() {
    for (std::size_t i = out_.chain.size() - 1; i-- > 1;) {
      if (context_.policy.level(Rule::revocation) == Level::ignore) continue;
      const StatusAnswer answer = ask(i);
      if (answer.was_revoked(at_)) {
        out_.revoked_at = answer.verdict.revoked_at;
        out_.conclusion = conclude(Sub::revoked_ca_no_poe, kCaRevoked,
                                   told_revocation(out_.chain[i], answer.verdict));
        return false;
      }
      if (out_.conclusion.passed()) judge_lack(out_.chain[i], answer);
    }
    return true;
  }

  static Conclusion judge_dates(const PathVerdict& path, bool known_good) {
    const auto date = std::ranges::find_if(path.findings, is_date);
    if (date == path.findings.end()) return passed();
    return conclude(known_good ? Sub::out_of_bounds_not_revoked : Sub::out_of_bounds_no_poe,
                    date->id == trust::kExpired ? kExpired : kNotYetValid, date->detail);
  }

  void judge_leaf(const PathVerdict& path) {
    const x509::Certificate& leaf = out_.chain.front();
    const bool is_anchor = out_.chain.size() == 1;
    if (is_anchor || context_.policy.level(Rule::revocation) == Level::ignore) {
      if (Conclusion dates = judge_dates(path, is_anchor); !dates.passed())
        out_.conclusion = std::move(dates);
      return;
    }
    const StatusAnswer answer = ask(0);
    const RevocationVerdict& verdict = answer.verdict;
    if (answer.was_revoked(at_)) {
      out_.revoked_at = verdict.revoked_at;
      out_.conclusion =
          verdict.reason == "certificateHold"
              ? conclude(Sub::try_later, kSuspended, leaf.subject() + " is suspended")
              : conclude(Sub::revoked_no_poe, kRevoked, told_revocation(leaf, verdict));
      return;
    }
    const bool known_good = verdict.status != RevocationStatus::unknown && is_known_good(answer) &&
                            out_.conclusion.passed();
    if (Conclusion dates = judge_dates(path, known_good); !dates.passed())
      out_.conclusion = std::move(dates);
    else if (out_.conclusion.passed())
      judge_lack(leaf, answer);
  }

  // Algorithms that an earlier proof of existence could save were good when the certificate began.
  Conclusion judge_strength(const PathVerdict& path) const {
    const auto weak = std::ranges::find(path.findings, trust::kWeak, &PathFinding::id);
    if (weak == path.findings.end()) return passed();
    const x509::Certificate& leaf = path.chain.front();
    const bool ever_good = !find_path(leaf, usage_, context_, leaf.not_before()).has(trust::kWeak);
    return conclude(
        ever_good ? Sub::crypto_constraints_failure_no_poe : Sub::crypto_constraints_failure,
        kChainWeak, weak->detail);
  }

  PathOutcome& out_;
  const trust::Usage usage_;
  Context& context_;
  const Time at_;
  std::optional<Mistrust> mistrust_;
};

}  // namespace

trust::Service service_of(trust::Usage usage) {
  return usage == trust::Usage::timestamping ? trust::Service::timestamps
                                             : trust::Service::certificates;
}

trust::PathRules rules_of(const Policy& policy, trust::Usage usage) {
  const Policy::Path& path =
      usage == trust::Usage::timestamping ? policy.timestamps : policy.signers;
  const auto flag = [](bool set) { return set ? trust::Explicit::yes : trust::Explicit::no; };
  trust::PathRules rules;
  rules.usage = usage;
  rules.form = trust::Form::lenient;
  rules.suite = policy.suite;
  rules.policies = path.policies;
  rules.explicit_policy = flag(path.explicit_policy);
  rules.inhibit_mapping = flag(path.inhibit_policy_mapping);
  rules.inhibit_any_policy = flag(path.inhibit_any_policy);
  rules.permitted = path.permitted;
  rules.excluded = path.excluded;
  return rules;
}

PathOutcome validate_x509(const x509::Certificate& certificate, trust::Usage usage,
                          Context& context, Time at) {
  context.material.take(context.evidence, Origin::given);
  const PathVerdict path = find_path_asking(certificate, usage, context, at);
  PathOutcome out{judge_shape(path), path.chain, {}, {}, {}};
  if (out.conclusion.passed()) out.conclusion = judge_sunset(path, usage, context, at);
  Judge judge(out, usage, context, at);
  if (out.conclusion.passed() && usage == trust::Usage::any)
    judge.settle(Rule::key_usage, judge_key_usage(certificate));
  if (out.conclusion.passed()) judge.run(path);
  return out;
}

}  // namespace tsp::validation
