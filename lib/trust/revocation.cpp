#include "trust/revocation.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "trust/evidence_answers.h"
#include "trust/path_search.h"

namespace tsp::trust {
namespace {

constexpr int kDeepest = 3;

constexpr std::string_view kNoRevAvail = "2.5.29.56", kValidityAssured = "0.4.0.194121.2.1",
                           kOcspNoCheck = "1.3.6.1.5.5.7.48.1.5",
                           kOcspSigning = "1.3.6.1.5.5.7.3.9";

// Why the certificate's issuer says that its status need not be asked for, or nothing.
std::optional<std::string> exemption_of(const x509::Certificate& certificate) {
  if (certificate.is_ca()) return std::nullopt;
  if (certificate.has_extension(kNoRevAvail)) return "the certificate says noRevAvail";
  if (certificate.has_extension(kValidityAssured))
    return "the certificate is short-term with assured validity";
  if (certificate.has_extension(kOcspNoCheck) && certificate.has_extended_key_usage(kOcspSigning))
    return "the certificate says ocsp-nocheck";
  return std::nullopt;
}

bool is_definitive(const RevocationVerdict& verdict) {
  return verdict.status == RevocationStatus::revoked && verdict.reason != "certificateHold";
}

// The status that counts is that of the latest evidence, unless some revokes for good; of the
// pieces that agree in it a fresh one is the better witness.
const RevocationVerdict& choose(const std::vector<RevocationVerdict>& usable) {
  const auto weight = [](const RevocationVerdict& verdict) {
    return std::tuple(is_definitive(verdict), verdict.this_update,
                      verdict.source == RevocationSource::ocsp);
  };
  const RevocationVerdict& decisive = *std::ranges::max_element(usable, {}, weight);
  const RevocationVerdict* best = &decisive;
  for (const RevocationVerdict& verdict : usable) {
    const bool agrees =
        verdict.status == decisive.status && is_definitive(verdict) == is_definitive(decisive);
    if (agrees && verdict.fresh && !best->fresh) best = &verdict;
  }
  return *best;
}

std::string joined(const std::vector<std::string>& texts) {
  constexpr std::size_t kShown = 4;
  std::string out;
  for (std::size_t i = 0; i < std::min(texts.size(), kShown); ++i)
    out += (out.empty() ? "" : "; ") + texts[i];
  if (texts.size() > kShown) out += "; and " + std::to_string(texts.size() - kShown) + " more";
  return out;
}

}  // namespace

bool is_compromise(const std::string& reason) {
  return reason != "superseded" && reason != "cessationOfOperation" &&
         reason != "affiliationChanged" && reason != "privilegeWithdrawn" &&
         reason != "certificateHold";
}

bool is_fresh(Time this_update, std::optional<Time> next_update, Time at,
              const RevocationRules& rules) {
  if (rules.max_age) return this_update > at - *rules.max_age;
  return next_update && this_update > at - (*next_update - this_update);
}

std::optional<std::string> objection_to_time(const Question& question, Time made) {
  const auto skew = question.rules.skew;
  if (question.evidence.proof && made > *question.evidence.proof + skew)
    return "claims to be later than it was seen";
  if (question.rules.made_after == Later::refuse && made > question.at + skew)
    return "was made after the moment judged";
  return std::nullopt;
}

namespace {

RevocationVerdict check(const std::vector<x509::Certificate>& chain, std::size_t index,
                        const Evidence& evidence, Time at, const RevocationRules& rules,
                        int depth) {
  if (index + 1 >= chain.size())
    throw Error(Fault::failed, "an anchor has no issuer to ask for its revocation");
  const x509::Certificate& certificate = chain[index];
  const x509::Certificate& issuer = chain[index + 1];
  RevocationVerdict out;
  if (const auto exemption = exemption_of(certificate)) {
    out.status = RevocationStatus::not_needed;
    out.text = *exemption;
    return out;
  }
  if (!is_signed_by(certificate, issuer)) {
    out.text = "the certificate is not signed by this issuer";
    return out;
  }
  const auto above = chain.begin() + static_cast<std::ptrdiff_t>(index) + 2;
  const Question question{certificate, issuer, {above, chain.end()}, evidence, at, rules, depth};
  Answers answers;
  ask_ocsp(question, answers);
  ask_crls(question, answers);
  if (answers.usable.empty()) {
    out.text = answers.refused.empty() ? "there is no evidence about the certificate"
                                       : joined(answers.refused);
    return out;
  }
  out = choose(answers.usable);
  if (!out.fresh) out.text = "the latest evidence is of " + to_rfc3339(out.this_update);
  return out;
}

}  // namespace

RevocationVerdict check_revocation(const x509::Certificate& certificate,
                                   const x509::Certificate& issuer, const Evidence& evidence,
                                   Time at, const RevocationRules& rules) {
  return check({certificate, issuer}, 0, evidence, at, rules, 0);
}

RevocationVerdict check_revocation(const std::vector<x509::Certificate>& chain, std::size_t index,
                                   const Evidence& evidence, Time at,
                                   const RevocationRules& rules) {
  return check(chain, index, evidence, at, rules, 0);
}

RevocationVerdict check_deeper(const Question& question,
                               const std::vector<x509::Certificate>& chain,
                               const Evidence& evidence) {
  RevocationVerdict out;
  out.text = "its signers depend on each other";
  if (question.depth >= kDeepest) return out;
  return check(chain, 0, evidence, question.at, question.rules, question.depth + 1);
}

}  // namespace tsp::trust
