// What OCSP answers say (RFC 6960).
#include "base/error.h"
#include "crypto/openssl.h"
#include "trust/evidence_answers.h"
#include "trust/path_search.h"

namespace tsp::trust {
namespace {

// Whether the answer is proven to have existed by then.
bool is_proven_by(const Question& question, std::size_t index, Time moment) {
  const auto proven = question.rules.proven ? question.rules.proven(RevocationSource::ocsp, index)
                                            : question.evidence.proof;
  return proven && *proven <= moment;
}

// The responder itself: valid when it answered, and not revoked. Who has its key can say that an
// answer is of any day: where that may be, the answer must be proven to be older.
std::optional<std::string> objection_to_responder(const Question& question, std::size_t index,
                                                  const x509::Certificate& responder,
                                                  Time produced_at) {
  if (!is_valid_at(question.issuer, produced_at))
    return "was made outside the validity of the issuer's certificate";
  if (responder == question.issuer) return std::nullopt;
  if (!is_valid_at(responder, produced_at))
    return "was made outside the validity of the responder's certificate";
  if (!responder.is_ca() && responder.needs_no_revocation_check()) return std::nullopt;
  Evidence lists_only;
  lists_only.crls = question.evidence.crls;
  lists_only.certificates = question.evidence.certificates;
  lists_only.proof = question.evidence.proof;
  std::vector<x509::Certificate> chain{responder, question.issuer};
  chain.insert(chain.end(), question.above.begin(), question.above.end());
  const RevocationVerdict own = check_deeper(question, chain, lists_only);
  if (own.status == RevocationStatus::revoked) {
    const bool counts =
        own.revoked_at > produced_at &&
        (!is_compromise(own.reason) || is_proven_by(question, index, own.revoked_at));
    if (counts) return std::nullopt;
    return "is by a responder that is revoked";
  }
  if (own.status == RevocationStatus::unknown)
    return "is by a responder whose own status is not known";
  return std::nullopt;
}

std::optional<std::string> ocsp_answer(const Question& question, std::size_t index,
                                       Answers& answers) {
  const x509::OcspResponse& response = question.evidence.ocsp[index];
  const auto answer = response.find(question.certificate, question.issuer);
  if (!answer) return std::nullopt;  // about other certificates
  const Time produced_at = response.produced_at();
  if (auto objection = objection_to_time(question, produced_at)) return objection;
  if (answer->this_update > produced_at + question.rules.skew)
    return "claims to know what came after it";
  const auto responder =
      response.authorised_responder(question.issuer, question.evidence.certificates);
  if (!responder) return "is not signed by the issuer or a responder of its";
  if (auto objection = objection_to_responder(question, index, *responder, produced_at))
    return objection;
  if (question.rules.admit)
    if (auto objection =
            question.rules.admit({RevocationSource::ocsp, index, produced_at, *responder}))
      return objection;
  if (answer->unknown_critical) return "has a critical extension that is unknown";
  if (answer->status == x509::CertStatus::unknown) return "does not know the certificate";
  RevocationVerdict out;
  out.source = RevocationSource::ocsp;
  out.index = index;
  out.this_update = answer->this_update;
  out.next_update = answer->next_update;
  out.responder = responder;
  out.fresh = is_fresh(out.this_update, out.next_update, question.at, question.rules);
  if (answer->status == x509::CertStatus::revoked) {
    out.status = RevocationStatus::revoked;
    out.revoked_at = answer->revoked_at;
    out.reason = answer->reason.empty() ? "unspecified" : answer->reason;
  } else {
    const Time expiry = question.certificate.not_after();
    const bool kept = answer->archive_cutoff && *answer->archive_cutoff <= expiry;
    if (expiry < out.this_update && !kept)
      return "was made after the certificate expired and does not keep such certificates";
    out.status = RevocationStatus::good;
  }
  answers.usable.push_back(std::move(out));
  return std::nullopt;
}

}  // namespace

void ask_ocsp(const Question& question, Answers& answers) {
  const crypto::QuietErrors quiet;
  for (std::size_t i = 0; i < question.evidence.ocsp.size(); ++i)
    if (const auto objection = ocsp_answer(question, i, answers))
      answers.refused.push_back("the OCSP answer of " +
                                to_rfc3339(question.evidence.ocsp[i].produced_at()) + " " +
                                *objection);
}

}  // namespace tsp::trust
