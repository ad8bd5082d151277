#include "validation/time_sliding.h"

#include <algorithm>

#include "trust/strength.h"
#include "validation/strength_by_proofs.h"

namespace tsp::validation {
namespace {

using trust::RevocationStatus;
using trust::RevocationVerdict;

class Sliding {
 public:
  Sliding(const std::vector<x509::Certificate>& chain, trust::Usage usage, SignerEvidence evidence,
          const Context& context)
      : chain_(chain), usage_(usage), evidence_(evidence), context_(context) {}

  TimeSliding run() {
    const x509::Certificate& anchor = chain_.back();
    out_.control_time = std::min(context_.at, anchor.not_after());
    // A sunset date is the first moment at which nobody trusts any more.
    if (const auto sunset = context_.anchors.sunset(anchor, service_of(usage_)))
      out_.control_time = std::min(out_.control_time, *sunset - std::chrono::milliseconds(1));
    out_.used.resize(chain_.size() - 1);
    for (std::size_t i = chain_.size() - 1; i-- > 0 && out_.conclusion.passed();) slide_over(i);
    return std::move(out_);
  }

 private:
  // Steps a) to d) for one certificate.
  void slide_over(std::size_t index) {
    if (context_.policy.level(Rule::revocation) != Level::ignore) {
      const RevocationVerdict verdict = select(index);
      const bool proven = existed_by(id_of(chain_[index].der()), out_.control_time);
      if (verdict.status == RevocationStatus::unknown || !proven) {
        out_.conclusion = conclude(Sub::no_poe, kNoProof,
                                   "nothing proves that " + chain_[index].subject() +
                                       " was good at " + to_rfc3339(out_.control_time) +
                                       (verdict.text.empty() ? "" : ": " + verdict.text));
        return;
      }
      out_.used[index] = verdict;
      apply(verdict);
    }
    apply_algorithms(index);
  }

  // a) Issued before control-time, and proven to have existed by then.
  RevocationVerdict select(std::size_t index) const {
    trust::RevocationRules rules;
    rules.made_after = trust::Later::accept;
    rules.max_age = usage_ == trust::Usage::timestamping ? context_.policy.timestamp_max_age
                                                         : context_.policy.max_age;
    rules.skew = context_.policy.tolerance;
    rules.admit = [&, index](const trust::Piece& piece) -> std::optional<std::string> {
      const ObjectId& id = piece.source == trust::RevocationSource::crl
                               ? context_.material.crl(piece.index).id
                               : context_.material.ocsp(piece.index).id;
      // What was made since the moment that is judged may tell of it.
      if (piece.issued > out_.control_time && out_.control_time != context_.at)
        return "was made later";
      if (!existed_by(id, out_.control_time)) return "is not proven to have existed by then";
      if (auto why = weakness_of(piece, context_)) return why;
      if (index == 0 && evidence_ == SignerEvidence::proven_in_time &&
          context_.proofs.earliest(id).time > piece.signer.not_after())
        return "is not proven to have existed while its signer's certificate was valid";
      return std::nullopt;
    };
    return trust::check_revocation(chain_, index, context_.evidence, out_.control_time, rules);
  }

  bool existed_by(const ObjectId& id, Time time) const {
    return time >= context_.at || context_.proofs.earliest(id).time <= time;
  }

  // b) and c)
  void apply(const RevocationVerdict& verdict) {
    if (verdict.status == RevocationStatus::not_needed) return;
    if (verdict.status == RevocationStatus::revoked && verdict.revoked_at <= context_.at)
      out_.control_time = std::min(out_.control_time, verdict.revoked_at);
    else if (!verdict.fresh && context_.policy.level(Rule::revocation_freshness) == Level::fail)
      out_.control_time = std::min(out_.control_time, verdict.this_update);
  }

  // d)
  void apply_algorithms(std::size_t index) {
    if (context_.policy.level(Rule::algorithms) != Level::fail) return;
    limit(trust::last_moment(trust::algorithms_of(chain_[index]), chain_[index + 1],
                             context_.policy.suite),
          chain_[index]);
    const auto& used = out_.used[index];
    if (!used || used->source == trust::RevocationSource::none || !used->responder) return;
    const auto algorithms = used->source == trust::RevocationSource::crl
                                ? trust::algorithms_of(context_.evidence.crls[used->index])
                                : trust::algorithms_of(context_.evidence.ocsp[used->index]);
    limit(trust::last_moment(algorithms, *used->responder, context_.policy.suite), chain_[index]);
  }

  void limit(const std::optional<Time>& last, const x509::Certificate& certificate) {
    if (last)
      out_.control_time = std::min(out_.control_time, *last);
    else if (out_.conclusion.passed())
      out_.conclusion = conclude(Sub::crypto_constraints_failure, kChainWeak,
                                 certificate.subject() + ": its algorithms were never acceptable");
  }

  const std::vector<x509::Certificate>& chain_;
  const trust::Usage usage_;
  const SignerEvidence evidence_;
  const Context& context_;
  TimeSliding out_;
};

}  // namespace

TimeSliding slide_validation_time(const std::vector<x509::Certificate>& chain, trust::Usage usage,
                                  SignerEvidence evidence, const Context& context) {
  return Sliding(chain, usage, evidence, context).run();
}

}  // namespace tsp::validation
