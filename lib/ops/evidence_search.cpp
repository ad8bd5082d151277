#include "ops/evidence_search.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"

namespace tsp::ops {
namespace {

using trust::RevocationSource;
using trust::RevocationStatus;

constexpr std::size_t kNonceSize = 16;
constexpr std::chrono::seconds kSkew{60};
constexpr const char* kOwnResponder = "this TSP's responder";
constexpr const char* kOwnLists = "this TSP's CRLs";

}  // namespace

EvidenceSearch::EvidenceSearch(EvidenceLibrary& library, const EvidencePool& at_hand,
                               const std::vector<x509::Certificate>& chain, std::size_t index,
                               Time proof)
    : library_(library),
      sources_(library.sources()),
      at_hand_(at_hand),
      chain_(chain),
      index_(index),
      proof_(proof) {}

bool EvidenceSearch::run() {
  std::string why;
  if (judge(known(), Origin::at_hand, Older::refuse, why)) return true;
  const bool found = index_ > 0 ? ask_crls() || ask_ocsp() : ask_ocsp() || ask_crls();
  if (found || judge(known(), Origin::at_hand, Older::accept, why)) return true;
  if (tried_.empty())
    tried_.push_back("the certificate names no OCSP responder and no CRL; " + why);
  return false;
}

trust::Evidence EvidenceSearch::known() const {
  trust::Evidence out;
  out.proof = sources_.now();
  at_hand_.tell(certificate(), issuer(), out);
  library_.tell(certificate(), issuer(), out);
  return out;
}

bool EvidenceSearch::judge(const trust::Evidence& evidence, Origin origin, Older older,
                           std::string& why) {
  trust::RevocationRules rules;
  rules.made_after = trust::Later::accept;
  rules.skew = kSkew;
  verdict_ = trust::check_revocation(chain_, index_, evidence, sources_.now(), rules);
  if (const auto reason = objection(verdict_, origin, older)) {
    why = *reason;
    return false;
  }
  take(evidence);
  return true;
}

std::optional<std::string> EvidenceSearch::objection(const trust::RevocationVerdict& verdict,
                                                     Origin origin, Older older) const {
  if (verdict.status == RevocationStatus::not_needed) return std::nullopt;
  if (verdict.status == RevocationStatus::unknown) return verdict.text;
  if (verdict.status == RevocationStatus::revoked && verdict.reason != "certificateHold")
    return std::nullopt;
  if (origin == Origin::fetched && verdict.next_update &&
      *verdict.next_update < sources_.now() - kSkew)
    return "it is out of date since " + to_rfc3339(*verdict.next_update);
  if (verdict.this_update >= proof_) return std::nullopt;
  const bool reaches = verdict.next_update && *verdict.next_update >= proof_;
  const bool must_be_later =
      index_ == 0 && verdict.source == RevocationSource::ocsp && older == Older::refuse;
  if (reaches && !must_be_later) return std::nullopt;
  return fmt::format("it is of {}, older than the time-stamp of {}",
                     to_rfc3339(verdict.this_update), to_rfc3339(proof_));
}

void EvidenceSearch::take(const trust::Evidence& evidence) {
  used_ = {};
  const auto signed_lists = [&](const x509::Certificate& by) {
    for (const x509::Crl& crl : evidence.crls)
      if (crl.is_signed_by(by)) used_.crls.push_back(crl);
  };
  if (verdict_.source == RevocationSource::ocsp) {
    used_.ocsp.push_back(evidence.ocsp[verdict_.index]);
    if (!verdict_.responder || *verdict_.responder == issuer()) return;
    used_.certificates.push_back(*verdict_.responder);
    if (!verdict_.responder->needs_no_revocation_check()) signed_lists(issuer());
  }
  if (verdict_.source != RevocationSource::crl) return;
  const x509::Crl& crl = evidence.crls[verdict_.index];
  used_.crls.push_back(crl);
  if (crl.is_signed_by(issuer())) return;
  // By another key of the issuer's name: its certificate, and what is said of it.
  for (const x509::Certificate& each : evidence.certificates)
    if (crl.is_signed_by(each)) used_.certificates.push_back(each);
  signed_lists(issuer());
}

bool EvidenceSearch::ask_ocsp() {
  if (sources_.is_ours(issuer()) && ask_own_ocsp()) return true;
  for (const std::string& url : certificate().ocsp_urls())
    if (ask_responder(url)) return true;
  return false;
}

bool EvidenceSearch::ask_own_ocsp() {
  try {
    return judge_ocsp(
        kOwnResponder,
        sources_.own_ocsp(x509::make_ocsp_request(certificate(), issuer(), std::nullopt)), {});
  } catch (const Error& error) {
    if (error.fault == Fault::interrupted) throw;
    note(kOwnResponder, error.message);
    return false;
  }
}

bool EvidenceSearch::ask_responder(const std::string& url) {
  const Bytes question = x509::make_ocsp_request(certificate(), issuer(), std::nullopt);
  const Bytes nonce = random_bytes(kNonceSize);
  return ask(
      EvidenceKind::ocsp, url, question, x509::make_ocsp_request(certificate(), issuer(), nonce),
      [&](ByteView kept) { return judge_ocsp(url, kept, {}); },
      [&](ByteView answer) { return judge_ocsp(url, answer, nonce); });
}

// A responder may answer without the nonce, as most do; another one is not our answer.
bool EvidenceSearch::judge_ocsp(const std::string& where, ByteView der,
                                const std::optional<Bytes>& nonce) {
  return attempt(where, [&](std::string& why) {
    const auto response = x509::OcspResponse::from_der(der);
    if (nonce && response.nonce() && *response.nonce() != *nonce) {
      why = "its answer has another nonce than the request";
      return false;
    }
    if (!response.find(certificate(), issuer())) {
      why = "its answer is about another certificate";
      return false;
    }
    const auto enough = [&] {
      trust::Evidence evidence = known();
      evidence.ocsp = {response};
      return judge(evidence, Origin::fetched, Older::refuse, why);
    };
    if (!enough()) {
      look_for_lists_about(response);
      if (!enough()) return false;
    }
    library_.add(response);
    return true;
  });
}

// A responder whose certificate does not say ocsp-nocheck must be shown unrevoked itself.
void EvidenceSearch::look_for_lists_about(const x509::OcspResponse& response) {
  const auto responder = response.authorised_responder(issuer());
  if (!responder || *responder == issuer() || responder->needs_no_revocation_check()) return;
  for (const std::string& url : responder->crl_urls()) {
    std::string why;
    auto list = sources_.kept(url, {});
    if (!list) list = sources_.fetch(EvidenceKind::crl, url, {}, why);
    if (!list) continue;
    try {
      const auto crl = x509::Crl::from_der(*list);
      if (crl.is_signed_by(issuer())) library_.add(crl);
    } catch (const Error&) {
      continue;  // the verdict says what is lacking
    }
  }
}

bool EvidenceSearch::ask_crls() {
  if (sources_.is_ours(issuer()) && ask_own_crls()) return true;
  for (const std::string& url : certificate().crl_urls())
    if (ask_list(url)) return true;
  return false;
}

bool EvidenceSearch::ask_own_crls() {
  try {
    for (const Bytes& der : sources_.own_crls())
      if (const auto crl = x509::Crl::from_der(der); crl.is_signed_by(issuer()))
        return judge_crl(kOwnLists, der);
    note(kOwnLists, "there is none of " + issuer().subject());
  } catch (const Error& error) {
    if (error.fault == Fault::interrupted) throw;
    note(kOwnLists, error.message);
  }
  return false;
}

bool EvidenceSearch::ask_list(const std::string& url) {
  const auto judge_it = [&](ByteView list) { return judge_crl(url, list); };
  return ask(EvidenceKind::crl, url, {}, {}, judge_it, judge_it);
}

bool EvidenceSearch::judge_crl(const std::string& where, ByteView der) {
  return attempt(where, [&](std::string& why) {
    const auto crl = x509::Crl::from_der(der);
    trust::Evidence evidence = known();
    evidence.ocsp.clear();
    evidence.crls = {crl};
    if (!judge(evidence, Origin::fetched, Older::refuse, why)) return false;
    library_.add(crl);
    return true;
  });
}

// What was kept, else what the network answers; that is kept where it was enough. `question`: the
// body without what differs each time.
bool EvidenceSearch::ask(EvidenceKind kind, const std::string& url, ByteView question,
                         const Bytes& body, const std::function<bool(ByteView)>& judge_kept,
                         const std::function<bool(ByteView)>& judge_fresh) {
  const std::size_t before = tried_.size();
  if (const auto kept = sources_.kept(url, question)) {
    if (judge_kept(*kept)) return true;
    tried_.resize(before);  // the network is asked, too
  }
  std::string why;
  const auto answer = sources_.fetch(kind, url, body, why);
  if (!answer) {
    note(url, why);
    return false;
  }
  if (!judge_fresh(*answer)) return false;
  sources_.keep(url, question, *answer);
  return true;
}

// Whether a piece tells enough; what it lacks, or what is wrong with it, is noted.
bool EvidenceSearch::attempt(const std::string& where,
                             const std::function<bool(std::string&)>& judge_piece) {
  try {
    std::string why;
    if (judge_piece(why)) return true;
    note(where, why);
  } catch (const Error& error) {
    if (error.fault == Fault::interrupted) throw;
    note(where, error.why.empty() ? error.message : error.why);
  }
  return false;
}

void EvidenceSearch::note(const std::string& where, const std::string& answer) {
  tried_.push_back(printable(where) + ": " + printable(answer));
}

std::string EvidenceSearch::tried() const {
  return fmt::format("{}", fmt::join(tried_, "; "));
}

}  // namespace tsp::ops
