// Evidence from the network for validation: issuers through AIA, OCSP answers, CRLs. Each URL is
// asked once; what cannot be had is simply not there.
#pragma once

#include <set>

#include "net/fetcher.h"
#include "validation/context.h"

namespace tsp::ops {

class FetchedEvidence final : public validation::EvidenceSource {
 public:
  explicit FetchedEvidence(net::Fetcher& fetcher) : fetcher_(fetcher) {}
  bool find_issuer(const x509::Certificate& certificate, trust::Evidence& evidence) override;
  // OCSP first; CRLs where it has no answer for the certificate.
  bool find_revocation(const x509::Certificate& certificate, const x509::Certificate& issuer,
                       trust::Evidence& evidence) override;

 private:
  bool ask_ocsp(const x509::Certificate& certificate, const x509::Certificate& issuer,
                trust::Evidence& evidence);
  bool ask_crls(const x509::Certificate& certificate, trust::Evidence& evidence);
  // The body of the answer; empty where there is none, or the budget of a run is spent.
  Bytes fetch(net::Request request);
  net::Fetcher& fetcher_;
  std::set<std::string> asked_;
};

}  // namespace tsp::ops
