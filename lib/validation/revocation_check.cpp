#include "validation/revocation_check.h"

#include <algorithm>

#include "validation/strength_by_proofs.h"

namespace tsp::validation {
namespace {

using trust::RevocationStatus;
using trust::RevocationVerdict;

Time proof_of_piece(const Context& context, trust::RevocationSource source, std::size_t index) {
  return context.proofs
      .earliest(source == trust::RevocationSource::crl ? context.material.crl(index).id
                                                       : context.material.ocsp(index).id)
      .time;
}

StatusAnswer ask(const StatusQuestion& question, const Context& context) {
  StatusAnswer out;
  trust::RevocationRules rules;
  rules.made_after = trust::Later::accept;
  rules.max_age = question.usage == trust::Usage::timestamping ? context.policy.timestamp_max_age
                                                               : context.policy.max_age;
  rules.skew = context.policy.tolerance;
  rules.proven = [&](trust::RevocationSource source, std::size_t index) {
    return proof_of_piece(context, source, index);
  };
  rules.admit = [&](const trust::Piece& piece) -> std::optional<std::string> {
    const Time proven = proof_of_piece(context, piece.source, piece.index);
    if (question.issuer && piece.issued > question.issuer->since)
      return "was made after its signer was revoked";
    if (question.issuer && question.issuer->compromised && proven > question.issuer->since)
      return "is not proven to be older than the revocation of its signer";
    if (auto why = weakness_of(piece, context)) {
      out.weakness = *why;
      return why;
    }
    // Certificates of the chain are judged with the chain.
    const bool of_chain = std::ranges::find(question.chain, piece.signer) != question.chain.end();
    if (of_chain || proven <= piece.signer.not_after()) return std::nullopt;
    out.out_of_bounds = true;
    return "is by a signer whose certificate expired before it is proven to have existed";
  };
  out.verdict =
      trust::check_revocation(question.chain, question.index, context.evidence, question.at, rules);
  return out;
}

}  // namespace

bool StatusAnswer::is_known_good(Level freshness) const {
  if (verdict.status == RevocationStatus::not_needed) return true;
  return verdict.status != RevocationStatus::unknown && (verdict.fresh || freshness != Level::fail);
}

bool StatusAnswer::was_revoked(Time at) const {
  return verdict.status == RevocationStatus::revoked && verdict.revoked_at <= at;
}

StatusAnswer status_of(const StatusQuestion& question, Context& context) {
  StatusAnswer answer = ask(question, context);
  const RevocationVerdict& verdict = answer.verdict;
  const bool lacking = verdict.status == RevocationStatus::unknown ||
                       (verdict.status == RevocationStatus::good && !verdict.fresh);
  if (!lacking || context.source == nullptr) return answer;
  const auto& chain = question.chain;
  if (!context.source->find_revocation(chain[question.index], chain[question.index + 1],
                                       context.evidence))
    return answer;
  context.material.take(context.evidence, Origin::fetched);
  return ask(question, context);
}

}  // namespace tsp::validation
