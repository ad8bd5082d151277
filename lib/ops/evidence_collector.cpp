#include "ops/evidence_collector.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "ops/evidence_search.h"

namespace tsp::ops {
namespace {

constexpr int kMostIssuersFetched = 6;  // of one path

bool is_self_signed(const x509::Certificate& certificate) {
  return certificate.is_self_issued() && certificate.is_signed_by(certificate.public_key());
}

std::string named(const x509::Certificate& certificate) {
  return printable(certificate.subject()) + " (serial " + certificate.serial() + ")";
}

bool is_whole(const trust::PathVerdict& path) {
  return !path.has(trust::kNoPath) && !path.has(trust::kBadSignature);
}

}  // namespace

void Evidence::add(const Evidence& other) {
  certificates.insert(other.certificates.begin(), other.certificates.end());
  ocsp_responses.insert(other.ocsp_responses.begin(), other.ocsp_responses.end());
  crls.insert(other.crls.begin(), other.crls.end());
  revoked.insert(revoked.end(), other.revoked.begin(), other.revoked.end());
}

Evidence EvidenceCollector::collect(const EvidenceSubject& subject) {
  const Chain chain = path_of(subject.certificate);
  Evidence out;
  for (const x509::Certificate& each : chain) out.certificates.insert(each.der());
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    EvidenceSearch search(library_, at_hand_, chain, i, subject.proof);
    if (!search.run())
      throw Error(Fault::evidence_missing, "the status of " + named(chain[i]) + " cannot be shown",
                  search.tried());
    for (const auto& each : search.used().certificates) out.certificates.insert(each.der());
    for (const auto& each : search.used().ocsp) out.ocsp_responses.insert(each.der());
    for (const auto& each : search.used().crls) out.crls.insert(each.der());
    const auto& verdict = search.verdict();
    if (verdict.status == trust::RevocationStatus::revoked)
      out.revoked.push_back(
          {chain[i], verdict.revoked_at, verdict.reason, verdict.revoked_at <= subject.proof});
  }
  return out;
}

std::optional<EvidenceCollector::Chain> EvidenceCollector::seen_path(
    const x509::Certificate& certificate) {
  const auto own = paths_.find(certificate.der());
  if (own != paths_.end()) return own->second;
  return library_.path_of(certificate);
}

// What a document brings along leads nobody else's way: a path of the library alone serves all, any
// other this document.
trust::PathVerdict EvidenceCollector::find_path(const x509::Certificate& certificate) {
  std::vector<x509::Certificate> pool = library_.authorities();
  trust::PathVerdict path = search(certificate, pool);
  if (path.findings.empty()) {
    library_.keep_path(path.chain);
    return path;
  }
  const auto& brought = at_hand_.authorities();
  pool.insert(pool.begin(), brought.begin(), brought.end());
  path = search(certificate, pool);
  if (is_whole(path)) paths_[certificate.der()] = path.chain;
  return path;
}

trust::PathVerdict EvidenceCollector::search(const x509::Certificate& certificate,
                                             const std::vector<x509::Certificate>& pool) const {
  trust::TrustStore ends(library_.known());
  for (const auto& each : pool)
    if (is_self_signed(each)) ends.add(each);
  if (is_self_signed(certificate)) ends.add(certificate);
  trust::PathRules rules;
  rules.strength = trust::Strength::leave;
  rules.form = trust::Form::lenient;
  return trust::verify_path(certificate, pool, ends, library_.sources().now(), rules);
}

std::vector<x509::Certificate> EvidenceCollector::known_path(const x509::Certificate& certificate) {
  if (auto seen = seen_path(certificate)) return std::move(*seen);
  return find_path(certificate).chain;
}

EvidenceCollector::Chain EvidenceCollector::path_of(const x509::Certificate& certificate) {
  if (auto seen = seen_path(certificate)) return std::move(*seen);
  std::string tried;
  trust::PathVerdict path = find_path(certificate);
  for (int i = 0; path.has(trust::kNoPath) && i < kMostIssuersFetched; ++i) {
    if (!find_issuer(path.chain.back(), tried)) break;
    path = find_path(certificate);
  }
  if (path.has(trust::kNoPath))
    throw Error(Fault::evidence_missing,
                "the issuer of " + named(path.chain.back()) + " is not there",
                tried.empty() ? "it is neither in the document nor known, and the certificate does "
                                "not say where it is published"
                              : tried);
  if (!is_whole(path))
    throw Error(Fault::evidence_missing, "no path leads from " + named(certificate),
                path.findings.front().detail);
  return std::move(path.chain);
}

bool EvidenceCollector::find_issuer(const x509::Certificate& certificate, std::string& tried) {
  for (const std::string& url : certificate.issuer_urls()) {
    std::string why = "what it answers is not the issuer's certificate";
    if (const auto kept = library_.sources().kept(url, {}); kept && take_issuer(certificate, *kept))
      return true;
    const auto body = library_.sources().fetch(EvidenceKind::certificate, url, {}, why);
    if (body && take_issuer(certificate, *body)) {
      library_.sources().keep(url, {}, *body);
      return true;
    }
    tried += (tried.empty() ? "" : "; ") + printable(url) + ": " + printable(why);
  }
  return false;
}

bool EvidenceCollector::take_issuer(const x509::Certificate& certificate, ByteView body) {
  try {
    for (const x509::Certificate& each : x509::Certificate::all_from(body))
      if (each.is_ca() && each.subject_der() == certificate.issuer_der() &&
          certificate.is_signed_by(each.public_key())) {
        library_.add(each);
        return true;
      }
  } catch (const Error& error) {
    if (error.fault != Fault::bad_input) throw;
  }
  return false;
}

}  // namespace tsp::ops
