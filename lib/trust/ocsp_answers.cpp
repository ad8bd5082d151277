// What OCSP answers say (RFC 6960).
#include <openssl/ocsp.h>

#include <memory>

#include "base/error.h"
#include "base/release.h"
#include "crypto/error_queue.h"
#include "trust/evidence_answers.h"
#include "trust/path_search.h"

namespace tsp::trust {
namespace {

using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, Release<&OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, Release<&OCSP_BASICRESP_free>>;
using TimePtr = std::unique_ptr<ASN1_GENERALIZEDTIME, Release<&ASN1_GENERALIZEDTIME_free>>;

// What the settled reader does not tell of an answer: extensions.
struct Extensions {
  std::optional<Time> archive_cutoff;
  bool unknown_critical = false;
};

bool is_known(const X509_EXTENSION* extension) {
  const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(const_cast<X509_EXTENSION*>(extension)));
  return nid == NID_id_pkix_OCSP_Nonce || nid == NID_id_pkix_OCSP_archiveCutoff ||
         nid == NID_id_pkix_OCSP_extendedStatus || nid == NID_crl_reason;
}

std::optional<Time> archive_cutoff_of(OCSP_SINGLERESP* single) {
  const TimePtr time(static_cast<ASN1_GENERALIZEDTIME*>(
      OCSP_SINGLERESP_get1_ext_d2i(single, NID_id_pkix_OCSP_archiveCutoff, nullptr, nullptr)));
  if (!time) return std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(time.get())),
                              static_cast<std::size_t>(ASN1_STRING_length(time.get())));
  return from_generalized_time(text);
}

bool is_answer(OCSP_SINGLERESP* single, const Bytes& cert_id) {
  auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single));
  std::uint8_t* encoded = nullptr;
  const int size = i2d_OCSP_CERTID(id, &encoded);
  if (size <= 0) return false;
  const bool same = equal({encoded, static_cast<std::size_t>(size)}, cert_id);
  OPENSSL_free(encoded);
  return same;
}

Extensions extensions_of(const x509::OcspResponse& response, const x509::OcspSingle& answer) {
  Extensions out;
  const Bytes& der = response.der();
  const std::uint8_t* at = der.data();
  const ResponsePtr whole(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  const BasicPtr basic(whole ? OCSP_response_get1_basic(whole.get()) : nullptr);
  if (!basic) throw Error(Fault::failed, "cannot read an OCSP answer twice");
  const auto judge = [&](const X509_EXTENSION* extension) {
    if (X509_EXTENSION_get_critical(extension) == 1 && !is_known(extension))
      out.unknown_critical = true;
  };
  for (int i = 0; i < OCSP_BASICRESP_get_ext_count(basic.get()); ++i)
    judge(OCSP_BASICRESP_get_ext(basic.get(), i));
  for (int i = 0; i < OCSP_resp_count(basic.get()); ++i) {
    OCSP_SINGLERESP* single = OCSP_resp_get0(basic.get(), i);
    if (!is_answer(single, answer.cert_id)) continue;
    for (int j = 0; j < OCSP_SINGLERESP_get_ext_count(single); ++j)
      judge(OCSP_SINGLERESP_get_ext(single, j));
    if (!out.archive_cutoff) out.archive_cutoff = archive_cutoff_of(single);
  }
  return out;
}

// The responder itself: valid when it answered, and not revoked.
std::optional<std::string> objection_to_responder(const Question& question,
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
    if (own.revoked_at > produced_at && own.reason != "keyCompromise") return std::nullopt;
    return "is by a responder that is revoked";
  }
  if (own.status == RevocationStatus::unknown)
    return "is by a responder whose own status is not known";
  return std::nullopt;
}

std::optional<std::string> answer_of(const Question& question, std::size_t index,
                                     Answers& answers) {
  const x509::OcspResponse& response = question.evidence.ocsp[index];
  const auto answer = response.find(question.certificate, question.issuer);
  if (!answer) return std::nullopt;  // about other certificates
  const Time produced_at = response.produced_at();
  if (const auto objection = objection_to_time(question, produced_at)) return objection;
  if (answer->this_update > produced_at + question.rules.skew)
    return "claims to know what came after it";
  const auto responder =
      response.authorised_responder(question.issuer, question.evidence.certificates);
  if (!responder) return "is not signed by the issuer or a responder of its";
  if (const auto objection = objection_to_responder(question, *responder, produced_at))
    return objection;
  if (question.rules.admit)
    if (auto objection =
            question.rules.admit({RevocationSource::ocsp, index, produced_at, *responder}))
      return objection;
  const Extensions extensions = extensions_of(response, *answer);
  if (extensions.unknown_critical) return "has a critical extension that is unknown";
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
    const bool kept = extensions.archive_cutoff && *extensions.archive_cutoff <= expiry;
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
    if (const auto objection = answer_of(question, i, answers))
      answers.refused.push_back("the OCSP answer of " +
                                to_rfc3339(question.evidence.ocsp[i].produced_at()) + " " +
                                *objection);
}

}  // namespace tsp::trust
