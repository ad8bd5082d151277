// What CRLs say. Whose key signed a CRL and when it was made is judged here, its scope by OpenSSL
// (crl_scope.h), but for complete CRLs of the issuer itself, which need no more than a look.
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "base/release.h"
#include "crypto/openssl.h"
#include "trust/crl_scope.h"
#include "trust/path_search.h"

namespace tsp::trust {
namespace {

constexpr int kCrlSign = 6;  // RFC 5280 4.2.1.3

using IntegerPtr = std::unique_ptr<ASN1_INTEGER, Release<&ASN1_INTEGER_free>>;
using PointsPtr = std::unique_ptr<CRL_DIST_POINTS, Release<&CRL_DIST_POINTS_free>>;

bool is_by(const x509::Crl& crl, const X509_NAME* name) {
  return X509_NAME_cmp(X509_CRL_get_issuer(crl.get()), name) == 0;
}

Bytes extension_of(const x509::Crl& crl, int nid) {
  const int at = X509_CRL_get_ext_by_NID(crl.get(), nid, -1);
  if (at < 0) return {};
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_CRL_get_ext(crl.get(), at));
  const std::uint8_t* octets = ASN1_STRING_get0_data(value);
  return {octets, octets + ASN1_STRING_length(value)};
}

// RFC 5280 5.2.4 (a) to (c): same scope, a base not older than the delta's, and a later number.
bool is_delta_of(const x509::Crl& delta, const x509::Crl& base) {
  const IntegerPtr least(static_cast<ASN1_INTEGER*>(
      X509_CRL_get_ext_d2i(delta.get(), NID_delta_crl, nullptr, nullptr)));
  std::uint64_t number = 0;
  return least && ASN1_INTEGER_get_uint64(&number, least.get()) == 1 && base.number() &&
         delta.number() && number <= *base.number() && *delta.number() > *base.number() &&
         is_by(delta, X509_CRL_get_issuer(base.get())) &&
         extension_of(delta, NID_authority_key_identifier) ==
             extension_of(base, NID_authority_key_identifier) &&
         extension_of(delta, NID_issuing_distribution_point) ==
             extension_of(base, NID_issuing_distribution_point);
}

// Issuers of indirect CRLs that the certificate names in its distribution points.
bool is_named_by_points(const x509::Crl& crl, const x509::Certificate& certificate) {
  const PointsPtr points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate.get(), NID_crl_distribution_points, nullptr, nullptr)));
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const GENERAL_NAMES* names = sk_DIST_POINT_value(points.get(), i)->CRLissuer;
    for (int j = 0; j < sk_GENERAL_NAME_num(names); ++j) {
      const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, j);
      if (name->type == GEN_DIRNAME && is_by(crl, name->d.directoryName)) return true;
    }
  }
  return false;
}

bool is_about(const Question& question, const x509::Crl& crl) {
  return is_by(crl, X509_get_issuer_name(question.certificate.get())) ||
         (X509_CRL_get_ext_by_NID(crl.get(), NID_issuing_distribution_point, -1) >= 0 &&
          is_named_by_points(crl, question.certificate));
}

// A key that is none of the chain's. Its path is OpenSSL's to judge; here: valid then, certified by
// the chain, not revoked.
std::optional<std::string> objection_to_other_key(const Question& question, const x509::Crl& crl,
                                                  const x509::Certificate& signer) {
  if (!is_valid_at(signer, crl.this_update()))
    return "was made outside the validity of its signer's certificate";
  if (signer == question.certificate) return std::nullopt;  // its own list, its points say so
  const bool issuers_own = is_signed_by(signer, question.issuer);
  if (issuers_own && is_by(crl, X509_get_subject_name(question.issuer.get()))) {
    if (crl.find(signer.serial())) return "is signed by a key that is revoked";
    return std::nullopt;
  }
  std::vector<x509::Certificate> uppers{question.issuer};
  uppers.insert(uppers.end(), question.above.begin(), question.above.end());
  for (std::size_t i = 0; i < uppers.size(); ++i) {
    if (!is_signed_by(signer, uppers[i])) continue;
    std::vector<x509::Certificate> chain{signer};
    chain.insert(chain.end(), uppers.begin() + static_cast<std::ptrdiff_t>(i), uppers.end());
    const auto own = check_deeper(question, chain, question.evidence);
    if (own.status == RevocationStatus::good || own.status == RevocationStatus::not_needed)
      return std::nullopt;
    return "is signed by a key that is revoked or whose status is not known";
  }
  return "is signed by a key that the issuer's chain did not certify";
}

// Whose key signed it: the issuer, one above it (both are the caller's to judge), or another.
struct Signer {
  std::optional<x509::Certificate> certificate;
  std::optional<std::string> objection;
};
Signer signer_of(const Question& question, const x509::Crl& crl) {
  if (!is_valid_at(question.issuer, crl.this_update()))
    return {{}, "was made outside the validity of the issuer's certificate"};
  if (crl.is_signed_by(question.issuer)) return {question.issuer, {}};
  for (const x509::Certificate& upper : question.above)
    if (crl.is_signed_by(upper)) return {upper, {}};
  for (const x509::Certificate& other : question.evidence.certificates)
    if (crl.is_signed_by(other)) return {other, objection_to_other_key(question, crl, other)};
  if (crl.is_signed_by(question.certificate))
    return {question.certificate, objection_to_other_key(question, crl, question.certificate)};
  return {{}, "is not signed by the issuer"};
}

// A CRL may leave out what has expired, unless it says since when it does not.
bool may_lack(const x509::Crl& crl, const x509::Certificate& certificate) {
  if (certificate.not_after() >= crl.this_update()) return false;
  const auto since = crl.expired_certs_since();
  return !since || *since > certificate.not_after();
}

std::optional<std::string> objection_to_silence(const Question& question, const x509::Crl& crl) {
  if (!may_lack(crl, question.certificate)) return std::nullopt;
  return "was made after the certificate expired and does not keep such certificates";
}

// A list that may be used, and whose key signed it.
struct Usable {
  std::size_t index;
  x509::Certificate signer;
};

RevocationVerdict verdict_by(const Question& question, const Usable& list) {
  const x509::Crl& crl = question.evidence.crls[list.index];
  RevocationVerdict out;
  out.status = RevocationStatus::good;
  out.source = RevocationSource::crl;
  out.index = list.index;
  out.this_update = crl.this_update();
  out.next_update = crl.next_update();
  out.responder = list.signer;
  out.fresh = is_fresh(out.this_update, out.next_update, question.at, question.rules);
  return out;
}

RevocationVerdict revoked_by(const Question& question, const Usable& list,
                             const x509::RevokedEntry& entry) {
  RevocationVerdict verdict = verdict_by(question, list);
  verdict.status = RevocationStatus::revoked;
  verdict.revoked_at = entry.revoked_at;
  verdict.reason = entry.reason.empty() ? "unspecified" : entry.reason;
  return verdict;
}

// OpenSSL names the base where it is the delta, which stands last, that revokes.
std::optional<std::string> take_revocation(const Question& question,
                                           const std::vector<Usable>& lists,
                                           const CrlOutcome& outcome, Answers& answers) {
  const auto& all = question.evidence.crls;
  const bool is_one_of_them = std::ranges::any_of(
      lists, [&](const Usable& list) { return all[list.index].get() == outcome.revoking; });
  for (auto list = lists.rbegin(); is_one_of_them && list != lists.rend(); ++list)
    if (const auto entry = all[list->index].find(question.certificate)) {
      answers.usable.push_back(revoked_by(question, *list, *entry));
      return std::nullopt;
    }
  return "names the certificate in a way that is not understood";
}

// A complete list of the issuer itself, signed by its own key.
bool is_simple(const Question& question, const Usable& list) {
  const x509::Crl& crl = question.evidence.crls[list.index];
  return list.signer == question.issuer && question.issuer.has_key_usage(kCrlSign) &&
         is_by(crl, X509_get_issuer_name(question.certificate.get())) && crl.is_complete();
}

std::optional<std::string> simple_answer_of(const Question& question, const Usable& list,
                                            Answers& answers) {
  const x509::Crl& crl = question.evidence.crls[list.index];
  if (const auto entry = crl.find(question.certificate)) {
    answers.usable.push_back(revoked_by(question, list, *entry));
    return std::nullopt;
  }
  if (auto objection = objection_to_silence(question, crl)) return objection;
  answers.usable.push_back(verdict_by(question, list));
  return std::nullopt;
}

// The answer of some lists taken together, which is as old as `dated`.
std::optional<std::string> crl_answer(const Question& question, const std::vector<Usable>& lists,
                                      const Usable& dated, Answers& answers) {
  const auto& all = question.evidence.crls;
  std::vector<const x509::Crl*> crls;
  crls.reserve(lists.size());
  for (const Usable& list : lists) crls.push_back(&all[list.index]);
  const CrlOutcome outcome = ask_openssl(question, crls);
  if (outcome.revoking != nullptr) return take_revocation(question, lists, outcome, answers);
  if (outcome.error != X509_V_OK) return X509_verify_cert_error_string(outcome.error);
  for (const Usable& list : lists)
    if (auto objection = objection_to_silence(question, all[list.index])) return objection;
  answers.usable.push_back(verdict_by(question, dated));
  return std::nullopt;
}

std::string told(const x509::Crl& crl, const std::string& objection) {
  return "the CRL of " + to_rfc3339(crl.this_update()) + " by " + crl.issuer() + ": " + objection;
}

// The lists that time, signer and caller admit.
std::vector<Usable> admitted(const Question& question, Answers& answers) {
  std::vector<Usable> out;
  const auto& all = question.evidence.crls;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!is_about(question, all[i])) continue;
    auto objection = objection_to_time(question, all[i].this_update());
    Signer signer;
    if (!objection) {
      signer = signer_of(question, all[i]);
      objection = signer.objection;
    }
    if (!objection && question.rules.admit)
      objection = question.rules.admit(
          {RevocationSource::crl, i, all[i].this_update(), *signer.certificate});
    if (objection)
      answers.refused.push_back(told(all[i], *objection));
    else
      out.push_back({i, std::move(*signer.certificate)});
  }
  return out;
}

// RFC 5280 5.2.4: deltas speak with the base that they are relative to, and only where the base or
// the certificate sends for them.
void ask_deltas(const Question& question, const Usable& base, const std::vector<Usable>& deltas,
                Answers& answers) {
  const auto& all = question.evidence.crls;
  const bool sent_for =
      X509_get_ext_by_NID(question.certificate.get(), NID_freshest_crl, -1) >= 0 ||
      X509_CRL_get_ext_by_NID(all[base.index].get(), NID_freshest_crl, -1) >= 0;
  if (!sent_for) return;
  for (const Usable& delta : deltas)
    if (is_delta_of(all[delta.index], all[base.index]))
      if (const auto objection = crl_answer(question, {base, delta}, delta, answers))
        answers.refused.push_back(told(all[delta.index], *objection));
}

}  // namespace

void ask_crls(const Question& question, Answers& answers) {
  const crypto::QuietErrors quiet;
  const auto& all = question.evidence.crls;
  std::vector<Usable> bases = admitted(question, answers), deltas, narrowed;
  const auto first_delta = std::stable_partition(
      bases.begin(), bases.end(), [&](const Usable& list) { return !all[list.index].is_delta(); });
  deltas.assign(first_delta, bases.end());
  bases.erase(first_delta, bases.end());
  for (const Usable& base : bases) {
    const auto objection = is_simple(question, base) ? simple_answer_of(question, base, answers)
                                                     : crl_answer(question, {base}, base, answers);
    if (!objection) {
      ask_deltas(question, base, deltas, answers);
      continue;
    }
    answers.refused.push_back(told(all[base.index], *objection));
    narrowed.push_back(base);
  }
  // Lists narrowed by reasons cover all reasons only together, as old as the oldest of them.
  const bool answered = std::ranges::any_of(answers.usable, [](const RevocationVerdict& verdict) {
    return verdict.source == RevocationSource::crl;
  });
  if (!answered && narrowed.size() > 1)
    crl_answer(question, narrowed,
               *std::ranges::min_element(
                   narrowed, {}, [&](const Usable& each) { return all[each.index].this_update(); }),
               answers);
}

}  // namespace tsp::trust
