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
  if (!contains(anchor)) anchors_.push_back(std::move(anchor));
}

bool TrustStore::contains(const x509::Certificate& certificate) const {
  return std::ranges::find(anchors_, certificate) != anchors_.end();
}

std::vector<x509::Certificate> TrustStore::issuers_of(const x509::Certificate& certificate) const {
  std::vector<x509::Certificate> out;
  for (const x509::Certificate& anchor : anchors_)
    if (may_be_issuer(anchor, certificate)) out.push_back(anchor);
  return out;
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
