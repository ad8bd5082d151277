#include "trust/anchors.h"

#include <openssl/x509v3.h>

#include <algorithm>

namespace tsp::trust {

TrustStore::TrustStore(std::vector<x509::Certificate> anchors) {
  for (x509::Certificate& anchor : anchors) add(std::move(anchor));
}

TrustStore TrustStore::from_pem(std::string_view pem) {
  return TrustStore(x509::Certificate::all_from_pem(pem));
}

TrustStore TrustStore::from_der(ByteView der) {
  return TrustStore({x509::Certificate::from_der(der)});
}

void TrustStore::add(x509::Certificate anchor) {
  terms_.erase(anchor.der());
  if (!contains(anchor)) anchors_.push_back(std::move(anchor));
}

void TrustStore::add(x509::Certificate anchor, const Term& term) {
  const auto known = terms_.find(anchor.der());
  if (known != terms_.end()) {
    known->second.push_back(term);
  } else if (!contains(anchor)) {
    terms_[anchor.der()] = {term};
    anchors_.push_back(std::move(anchor));
  }
}

bool TrustStore::counts(const x509::Certificate& certificate, Service service, Time at) const {
  const auto terms = terms_.find(certificate.der());
  if (terms == terms_.end()) return contains(certificate);
  return std::ranges::any_of(terms->second, [&](const Term& term) {
    return term.service == service && term.from <= at && (!term.until || at < *term.until);
  });
}

TrustStore TrustStore::counting(Service service, Time at) const {
  TrustStore out;
  for (const x509::Certificate& anchor : anchors_)
    if (counts(anchor, service, at)) out.anchors_.push_back(anchor);
  return out;
}

std::optional<Time> TrustStore::sunset(const x509::Certificate& certificate,
                                       Service service) const {
  const auto terms = terms_.find(certificate.der());
  std::optional<Time> last;
  if (terms == terms_.end()) return last;
  for (const Term& term : terms->second) {
    if (term.service != service) continue;
    if (!term.until) return std::nullopt;
    last = std::max(last.value_or(*term.until), *term.until);
  }
  return last;
}

bool TrustStore::contains(const x509::Certificate& certificate) const {
  return terms_.contains(certificate.der()) ||
         std::ranges::find(anchors_, certificate) != anchors_.end();
}

std::vector<x509::Certificate> TrustStore::issuers_of(const x509::Certificate& certificate) const {
  std::vector<x509::Certificate> out;
  for (const x509::Certificate& anchor : anchors_)
    if (may_be_issuer(anchor, certificate)) out.push_back(anchor);
  return out;
}

TrustStore TrustStore::ever(Service service, Time now) const {
  TrustStore out;
  for (const x509::Certificate& anchor : anchors_)
    if (counts(anchor, service, now) || sunset(anchor, service)) out.add(anchor);
  return out;
}

void TrustStore::end(const x509::Certificate& anchor, Time until) {
  if (!contains(anchor)) return;
  auto& terms = terms_[anchor.der()];
  if (terms.empty())
    terms = {{Service::certificates, Time::min(), until},
             {Service::timestamps, Time::min(), until}};
  for (Term& term : terms) term.until = std::min(term.until.value_or(until), until);
}

bool may_be_issuer(const x509::Certificate& issuer, const x509::Certificate& certificate) {
  if (X509_NAME_cmp(X509_get_subject_name(issuer.get()), X509_get_issuer_name(certificate.get())) !=
      0)
    return false;
  const ASN1_OCTET_STRING* own = X509_get0_subject_key_id(issuer.get());
  const ASN1_OCTET_STRING* named = X509_get0_authority_key_id(certificate.get());
  return own == nullptr || named == nullptr || ASN1_OCTET_STRING_cmp(own, named) == 0;
}

}  // namespace tsp::trust
