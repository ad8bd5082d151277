#include "ops/evidence_sources.h"

#include <algorithm>

#include "base/error.h"

namespace tsp::ops {
namespace {

constexpr std::chrono::minutes kLeftAlone{1};

net::Request request_for(EvidenceKind kind, const std::string& url, Bytes body,
                         std::chrono::seconds patience) {
  net::Request request;
  request.url = url;
  request.limits.total = patience;
  request.limits.connect = std::min<std::chrono::milliseconds>(patience, request.limits.connect);
  switch (kind) {
    case EvidenceKind::certificate:
      request.limits.size = 256 << 10;
      break;
    case EvidenceKind::ocsp:
      request.limits.size = 256 << 10;
      request.accept = "application/ocsp-response";
      break;
    case EvidenceKind::crl:  // what a document's security store can hold
      request.limits.size = pdf::kStoreLimit;
      request.accept = "application/pkix-crl";
      break;
  }
  if (!body.empty()) {
    request.method = net::Method::post;
    request.content_type = "application/ocsp-request";
    request.body = std::move(body);
  }
  return request;
}

std::string question_of(const std::string& url, ByteView question) {
  return url + "\n" + to_hex(question);
}

}  // namespace

EvidenceSources::EvidenceSources(Backend* backend, const World& world, std::string cache)
    : backend_(backend), world_(world), cache_(std::move(cache)) {}

const std::vector<x509::Certificate>& EvidenceSources::own_authorities() {
  if (!own_authorities_) {
    own_authorities_.emplace();
    if (backend_ != nullptr) own_authorities_ = backend_->evidence({}, Crls::leave).authorities;
  }
  return *own_authorities_;
}

bool EvidenceSources::is_ours(const x509::Certificate& issuer) {
  return std::ranges::count(own_authorities(), issuer) > 0;
}

Bytes EvidenceSources::own_ocsp(ByteView request) {
  return backend_->evidence(request, Crls::leave).ocsp_response;
}

std::vector<Bytes> EvidenceSources::own_crls() {
  return backend_->evidence({}, Crls::give).crls;
}

std::optional<Bytes> EvidenceSources::fetch(EvidenceKind kind, const std::string& url, Bytes body,
                                            std::string& why) {
  if (world_.fetcher == nullptr) {
    why = "nothing can be fetched here";
    return std::nullopt;
  }
  if (const auto gone = gone_.find(url); gone != gone_.end()) {
    if (now() - gone->second.since < kLeftAlone) {
      why = gone->second.why;
      return std::nullopt;
    }
    gone_.erase(gone);
  }
  try {
    return world_.fetcher->fetch(request_for(kind, url, std::move(body), world_.patience)).body;
  } catch (const Error& error) {
    if (error.fault == Fault::interrupted) throw;
    why = error.why.empty() ? error.message : error.why;
    gone_[url] = {now(), why};
    return std::nullopt;
  }
}

std::optional<Bytes> EvidenceSources::kept(const std::string& url, ByteView question) const {
  return cache_.get(question_of(url, question));
}

void EvidenceSources::keep(const std::string& url, ByteView question, ByteView answer) {
  cache_.put(question_of(url, question), answer, now());
}

}  // namespace tsp::ops
