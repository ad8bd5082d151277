#include "validation/strength_by_proofs.h"

#include "trust/strength.h"

namespace tsp::validation {
namespace {

Conclusion weak(const std::string& what, const std::string& why) {
  return conclude(Sub::crypto_constraints_failure_no_poe, kChainWeak, what + ": " + why);
}

std::optional<std::string> objection_to(const trust::RevocationVerdict& used,
                                        const Context& context) {
  if (used.source == trust::RevocationSource::none || !used.responder) return std::nullopt;
  return weakness_of({used.source, used.index, used.this_update, *used.responder}, context);
}

}  // namespace

std::optional<std::string> weakness_of(const trust::Piece& piece, const Context& context) {
  if (context.policy.level(Rule::algorithms) != Level::fail) return std::nullopt;
  const bool is_crl = piece.source == trust::RevocationSource::crl;
  const ObjectId& id =
      is_crl ? context.material.crl(piece.index).id : context.material.ocsp(piece.index).id;
  const trust::Algorithms algorithms =
      is_crl ? trust::algorithms_of(context.evidence.crls[piece.index])
             : trust::algorithms_of(context.evidence.ocsp[piece.index]);
  return trust::objection(algorithms, piece.signer, context.proofs.earliest(id).time,
                          context.policy.suite);
}

Conclusion check_strength(const PathOutcome& path, const Context& context) {
  if (context.policy.level(Rule::algorithms) != Level::fail) return passed();
  for (std::size_t i = 0; i + 1 < path.chain.size(); ++i) {
    const x509::Certificate& certificate = path.chain[i];
    const Time proven = context.proofs.earliest(id_of(certificate.der())).time;
    if (const auto why = trust::objection(trust::algorithms_of(certificate), path.chain[i + 1],
                                          proven, context.policy.suite))
      return weak(certificate.subject(), *why);
    if (i < path.revocation.size() && path.revocation[i])
      if (const auto why = objection_to(*path.revocation[i], context))
        return weak("revocation information about " + certificate.subject(), *why);
  }
  return passed();
}

}  // namespace tsp::validation
