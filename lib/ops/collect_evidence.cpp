#include "ops/collect_evidence.h"

#include "base/error.h"

namespace tsp::ops {
namespace {

// What one validation may cost: the certificates that name these URLs are strangers'.
constexpr std::size_t kMostRequests = 40;
constexpr std::size_t kLargestCertificate = 256 << 10, kLargestOcsp = 256 << 10,
                      kLargestFetchedCrl = std::size_t{32} << 20;

net::Request get(const std::string& url, std::size_t size) {
  net::Request request;
  request.url = url;
  request.limits.size = size;
  request.limits.total = std::chrono::seconds(10);
  request.limits.connect = std::chrono::seconds(4);
  return request;
}

std::vector<x509::Certificate> certificates_in(const Bytes& body) {
  try {
    return x509::Certificate::all_from(body);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

Bytes FetchedEvidence::fetch(net::Request request) {
  if (asked_.size() >= kMostRequests) return {};
  if (!asked_.insert(request.url + '\n' + to_hex(request.body)).second) return {};
  try {
    return fetcher_.fetch(request).body;
  } catch (const Error& error) {
    if (error.fault == Fault::interrupted) throw;
    return {};
  }
}

bool FetchedEvidence::find_issuer(const x509::Certificate& certificate, trust::Evidence& evidence) {
  for (const std::string& url : certificate.issuer_urls()) {
    const auto found = certificates_in(fetch(get(url, kLargestCertificate)));
    if (found.empty()) continue;
    evidence.certificates.insert(evidence.certificates.end(), found.begin(), found.end());
    return true;
  }
  return false;
}

bool FetchedEvidence::find_revocation(const x509::Certificate& certificate,
                                      const x509::Certificate& issuer, trust::Evidence& evidence) {
  return ask_ocsp(certificate, issuer, evidence) || ask_crls(certificate, evidence);
}

bool FetchedEvidence::ask_ocsp(const x509::Certificate& certificate,
                               const x509::Certificate& issuer, trust::Evidence& evidence) {
  for (const std::string& url : certificate.ocsp_urls()) {
    net::Request request = get(url, kLargestOcsp);
    request.method = net::Method::post;
    request.content_type = "application/ocsp-request";
    try {
      request.body = x509::make_ocsp_request(certificate, issuer, std::nullopt);
      auto answer = x509::OcspResponse::from_der(fetch(std::move(request)));
      if (!answer.find(certificate, issuer)) continue;
      evidence.ocsp.push_back(std::move(answer));
      return true;
    } catch (const Error& error) {
      if (error.fault == Fault::interrupted) throw;
    }
  }
  return false;
}

bool FetchedEvidence::ask_crls(const x509::Certificate& certificate, trust::Evidence& evidence) {
  for (const std::string& url : certificate.crl_urls()) {
    try {
      evidence.crls.push_back(x509::Crl::from_der(fetch(get(url, kLargestFetchedCrl))));
      return true;
    } catch (const Error& error) {
      if (error.fault == Fault::interrupted) throw;
    }
  }
  return false;
}

}  // namespace tsp::ops
