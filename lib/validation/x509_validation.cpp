#include "validation/x509_validation.h"

#include <algorithm>

namespace tsp::validation {
namespace {

using trust::PathFinding;
using trust::PathVerdict;
using trust::RevocationStatus;
using trust::RevocationVerdict;

PathVerdict find_path(const x509::Certificate& certificate, trust::Usage usage,
                      const Context& context, Time at) {
  trust::PathRules rules;
  rules.usage = usage;
  rules.form = trust::Form::lenient;
  return trust::verify_path(certificate, context.evidence.certificates, context.anchors, at, rules);
}

// Asks for issuers as long as each answer brings the path further.
PathVerdict find_path_asking(const x509::Certificate& certificate, trust::Usage usage,
                             Context& context, Time at) {
  PathVerdict path = find_path(certificate, usage, context, at);
  for (int asked = 0; asked < 5 && path.has(trust::kNoPath) && context.source != nullptr; ++asked) {
    if (!context.source->find_issuer(path.chain.back(), context.evidence)) break;
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

// A document's signing key must be one for signatures: digitalSignature or nonRepudiation.
Conclusion judge_key_usage(const x509::Certificate& certificate) {
  if (certificate.has_key_usage(0) || certificate.has_key_usage(1)) return passed();
  return conclude(Sub::chain_constraints_failure, kPurpose,
                  certificate.subject() + ": its key usage does not include signatures");
}

RevocationVerdict check(const std::vector<x509::Certificate>& chain, std::size_t index,
                        Context& context, Time at) {
  trust::RevocationRules rules = context.revocation;
  rules.made_after = trust::Later::accept;
  const auto ask = [&] {
    return trust::check_revocation(chain, index, context.evidence, at, rules);
  };
  RevocationVerdict verdict = ask();
  const bool lacking = verdict.status == RevocationStatus::unknown ||
                       (verdict.status == RevocationStatus::good && !verdict.fresh);
  if (lacking && context.source != nullptr &&
      context.source->find_revocation(chain[index], chain[index + 1], context.evidence))
    verdict = ask();
  return verdict;
}

// Revoked by the moment. A revocation that came later leaves the certificate good at the moment.
bool was_revoked(const RevocationVerdict& verdict, Time at) {
  return verdict.status == RevocationStatus::revoked && verdict.revoked_at <= at;
}

bool is_known_good(const RevocationVerdict& verdict) {
  return verdict.status == RevocationStatus::not_needed ||
         (verdict.status != RevocationStatus::unknown && verdict.fresh);
}

std::string told(const x509::Certificate& certificate, const RevocationVerdict& verdict) {
  std::string text = certificate.subject() + " was revoked at " + to_rfc3339(verdict.revoked_at);
  return verdict.reason.empty() ? text : text + " (" + verdict.reason + ")";
}

Conclusion judge_lack(const x509::Certificate& certificate, const RevocationVerdict& verdict) {
  const bool stale = verdict.status != RevocationStatus::unknown;
  return conclude(Sub::try_later, stale ? kStale : kNoRevocation,
                  certificate.subject() + ": " +
                      (verdict.text.empty() ? "its revocation status is unknown" : verdict.text));
}

// From the certificate under the anchor down to the signing certificate's issuer.
bool judge_authorities(PathOutcome& out, Context& context, Time at) {
  for (std::size_t i = out.chain.size() - 1; i-- > 1;) {
    const RevocationVerdict verdict = check(out.chain, i, context, at);
    if (was_revoked(verdict, at)) {
      out.revoked_at = verdict.revoked_at;
      out.conclusion = conclude(Sub::revoked_ca_no_poe, kCaRevoked, told(out.chain[i], verdict));
      return false;
    }
    if (!is_known_good(verdict) && out.conclusion.passed())
      out.conclusion = judge_lack(out.chain[i], verdict);
  }
  return true;
}

Conclusion judge_dates(const PathVerdict& path, bool known_good) {
  const auto date = std::ranges::find_if(path.findings, is_date);
  if (date == path.findings.end()) return passed();
  return conclude(known_good ? Sub::out_of_bounds_not_revoked : Sub::out_of_bounds_no_poe,
                  date->id == trust::kExpired ? kExpired : kNotYetValid, date->detail);
}

void judge_leaf(PathOutcome& out, const PathVerdict& path, Context& context, Time at) {
  const x509::Certificate& leaf = out.chain.front();
  if (out.chain.size() == 1) {  // itself the anchor
    out.conclusion = judge_dates(path, true);
    return;
  }
  const RevocationVerdict verdict = check(out.chain, 0, context, at);
  if (was_revoked(verdict, at)) {
    out.revoked_at = verdict.revoked_at;
    out.conclusion = verdict.reason == "certificateHold"
                         ? conclude(Sub::try_later, kSuspended, leaf.subject() + " is suspended")
                         : conclude(Sub::revoked_no_poe, kRevoked, told(leaf, verdict));
    return;
  }
  const bool known_good = is_known_good(verdict) && out.conclusion.passed();
  if (Conclusion dates = judge_dates(path, known_good); !dates.passed())
    out.conclusion = std::move(dates);
  else if (out.conclusion.passed() && !is_known_good(verdict))
    out.conclusion = judge_lack(leaf, verdict);
}

// Algorithms that an earlier proof of existence could save were good when the certificate began.
Conclusion judge_strength(const PathVerdict& path, trust::Usage usage, const Context& context) {
  const auto weak = std::ranges::find(path.findings, trust::kWeak, &PathFinding::id);
  if (weak == path.findings.end()) return passed();
  const x509::Certificate& leaf = path.chain.front();
  const bool ever_good = !find_path(leaf, usage, context, leaf.not_before()).has(trust::kWeak);
  return conclude(
      ever_good ? Sub::crypto_constraints_failure_no_poe : Sub::crypto_constraints_failure,
      kChainWeak, weak->detail);
}

}  // namespace

PathOutcome validate_x509(const x509::Certificate& certificate, trust::Usage usage,
                          Context& context, Time at) {
  const PathVerdict path = find_path_asking(certificate, usage, context, at);
  PathOutcome out{judge_shape(path), path.chain, {}};
  if (out.conclusion.passed() && usage == trust::Usage::any)
    out.conclusion = judge_key_usage(certificate);
  if (!out.conclusion.passed()) return out;
  if (!judge_authorities(out, context, at)) return out;
  judge_leaf(out, path, context, at);
  if (out.conclusion.passed()) out.conclusion = judge_strength(path, usage, context);
  return out;
}

}  // namespace tsp::validation
