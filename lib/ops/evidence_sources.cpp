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

EvidenceSources::EvidenceSources(OwnTsp& own, const World& world, std::string cache)
    : own_(own), world_(world), cache_(EvidenceCache(std::move(cache))) {}

std::vector<x509::Certificate> EvidenceSources::own_authorities() {
  return own_authorities_.with([this](auto& known) {
    if (!known) {
      known.emplace();
      if (own_.stands()) known = own_.evidence({}, Crls::leave).authorities;
    }
    return *known;
  });
}

bool EvidenceSources::is_ours(const x509::Certificate& issuer) {
  return std::ranges::count(own_authorities(), issuer) > 0;
}

Bytes EvidenceSources::own_ocsp(ByteView request) {
  return own_.evidence(request, Crls::leave).ocsp_response;
}

std::vector<Bytes> EvidenceSources::own_crls() {
  return own_.evidence({}, Crls::give).crls;
}

std::optional<std::string> EvidenceSources::why_left_alone(const std::string& url) {
  return gone_.with([&](GoneByUrl& all) -> std::optional<std::string> {
    const auto gone = all.find(url);
    if (gone == all.end()) return std::nullopt;
    if (now() - gone->second.since < kLeftAlone) return gone->second.why;
    all.erase(gone);
    return std::nullopt;
  });
}

std::optional<Bytes> EvidenceSources::ask(const net::Request& request, std::string& why) {
  try {
    return world_.fetcher->fetch(request).body;
  } catch (const Error& error) {
    if (error.fault == Fault::interrupted) throw;
    why = error.why.empty() ? error.message : error.why;
    gone_.with([&](GoneByUrl& all) { all[request.url] = {now(), why}; });
    return std::nullopt;
  }
}

std::optional<Bytes> EvidenceSources::fetch(EvidenceKind kind, const std::string& url, Bytes body,
                                            std::string& why) {
  if (world_.fetcher == nullptr) {
    why = "nothing can be fetched here";
    return std::nullopt;
  }
  // Whoever waited for the network while a server turned out to be gone need not ask it again.
  const std::lock_guard lock(network_);
  if (const auto gone = why_left_alone(url)) {
    why = *gone;
    return std::nullopt;
  }
  return ask(request_for(kind, url, std::move(body), world_.patience), why);
}

std::optional<Bytes> EvidenceSources::kept(const std::string& url, ByteView question) {
  return cache_.with(
      [&](const EvidenceCache& cache) { return cache.get(question_of(url, question)); });
}

void EvidenceSources::keep(const std::string& url, ByteView question, ByteView answer) {
  cache_.with([&](EvidenceCache& cache) { cache.put(question_of(url, question), answer, now()); });
}

}  // namespace tsp::ops
