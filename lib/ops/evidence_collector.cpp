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

// DER, or PEM as some authorities publish it. A bag of certificates (PKCS#7) is not read.
std::vector<x509::Certificate> certificates_in(ByteView body) {
  if (as_text(body).starts_with("-----BEGIN"))
    return x509::Certificate::all_from_pem(as_text(body));
  return {x509::Certificate::from_der(body)};
}

}  // namespace

void Evidence::add(const Evidence& other) {
  certificates.insert(other.certificates.begin(), other.certificates.end());
  ocsp_responses.insert(other.ocsp_responses.begin(), other.ocsp_responses.end());
  crls.insert(other.crls.begin(), other.crls.end());
  revoked.insert(revoked.end(), other.revoked.begin(), other.revoked.end());
}

EvidenceCollector::EvidenceCollector(Backend* backend, const World& world,
                                     const std::vector<x509::Certificate>& known, std::string cache)
    : sources_(backend, world, std::move(cache)), known_(known) {
  for (const x509::Certificate& each : known) shared_.add(each);
}

Evidence EvidenceCollector::collect(const EvidenceSubject& subject) {
  const Chain chain = path_of(subject.certificate);
  Evidence out;
  for (const x509::Certificate& each : chain) out.certificates.insert(each.der());
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    EvidenceSearch search(sources_, at_hand_, shared_, chain, i, subject.proof);
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

// The issuer's path serves everybody whom it issued.
std::optional<EvidenceCollector::Chain> EvidenceCollector::path_seen(
    const x509::Certificate& certificate) const {
  for (const Chain& chain : seen_) {
    const x509::Certificate& issuer = chain.front();
    if (issuer.subject_der() != certificate.issuer_der() ||
        !certificate.is_signed_by(issuer.public_key()))
      continue;
    Chain out{certificate};
    out.insert(out.end(), chain.begin(), chain.end());
    return out;
  }
  return std::nullopt;
}

trust::PathVerdict EvidenceCollector::find_path(const x509::Certificate& certificate) {
  if (!knows_own_) {
    for (const auto& each : sources_.own_authorities()) shared_.add(each);
    knows_own_ = true;
  }
  std::vector<x509::Certificate> pool = at_hand_.authorities();
  pool.insert(pool.end(), shared_.authorities().begin(), shared_.authorities().end());
  trust::TrustStore ends(known_);
  for (const auto& each : pool)
    if (is_self_signed(each)) ends.add(each);
  if (is_self_signed(certificate)) ends.add(certificate);
  trust::PathRules rules;
  rules.strength = trust::Strength::leave;
  rules.form = trust::Form::lenient;
  return trust::verify_path(certificate, pool, ends, sources_.now(), rules);
}

std::vector<x509::Certificate> EvidenceCollector::known_path(const x509::Certificate& certificate) {
  if (auto seen = path_seen(certificate)) return std::move(*seen);
  return find_path(certificate).chain;
}

EvidenceCollector::Chain EvidenceCollector::path_of(const x509::Certificate& certificate) {
  if (auto seen = path_seen(certificate)) return std::move(*seen);
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
  if (path.has(trust::kBadSignature))
    throw Error(Fault::evidence_missing, "no path leads from " + named(certificate),
                path.findings.front().detail);
  if (path.chain.size() > 1) seen_.emplace_back(path.chain.begin() + 1, path.chain.end());
  return std::move(path.chain);
}

bool EvidenceCollector::find_issuer(const x509::Certificate& certificate, std::string& tried) {
  for (const std::string& url : certificate.issuer_urls()) {
    std::string why = "what it answers is not the issuer's certificate";
    if (const auto kept = sources_.kept(url, {}); kept && take_issuer(certificate, *kept))
      return true;
    const auto body = sources_.fetch(EvidenceKind::certificate, url, {}, why);
    if (body && take_issuer(certificate, *body)) {
      sources_.keep(url, {}, *body);
      return true;
    }
    tried += (tried.empty() ? "" : "; ") + printable(url) + ": " + printable(why);
  }
  return false;
}

bool EvidenceCollector::take_issuer(const x509::Certificate& certificate, ByteView body) {
  try {
    for (const x509::Certificate& each : certificates_in(body))
      if (each.is_ca() && each.subject_der() == certificate.issuer_der() &&
          certificate.is_signed_by(each.public_key())) {
        shared_.add(each);
        return true;
      }
  } catch (const Error& error) {
    if (error.fault != Fault::bad_input) throw;
  }
  return false;
}

}  // namespace tsp::ops
