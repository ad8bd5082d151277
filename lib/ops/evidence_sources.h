// Where evidence comes from outside of the documents: this TSP, the cache, the network. Hands out
// octets and judges none of them.
#pragma once

#include "net/fetcher.h"
#include "ops/backend.h"
#include "ops/evidence_cache.h"
#include "pdf/store_revision.h"

namespace tsp::ops {

enum class EvidenceKind { certificate, ocsp, crl };

class EvidenceSources {
 public:
  // `backend` nullptr: no TSP stands here. `cache`: a folder, or empty.
  EvidenceSources(Backend* backend, const World& world, std::string cache);

  Time now() const { return world_.clock.now(); }
  // Issuing and root; empty where no TSP stands here.
  const std::vector<x509::Certificate>& own_authorities();
  bool is_ours(const x509::Certificate& issuer);
  // Of this TSP, which stands here. Errors as they come, {interrupted} among them.
  Bytes own_ocsp(ByteView request);
  std::vector<Bytes> own_crls();

  // What an URL answers; a GET where `body` is empty. Nothing, and `why`, where it answers nothing
  // usable or has not a minute ago. Error{interrupted} comes out.
  std::optional<Bytes> fetch(EvidenceKind kind, const std::string& url, Bytes body,
                             std::string& why);
  // What was kept of such a fetch; `question` is the body without what differs each time.
  std::optional<Bytes> kept(const std::string& url, ByteView question) const;
  void keep(const std::string& url, ByteView question, ByteView answer);

 private:
  Backend* backend_;
  const World& world_;
  EvidenceCache cache_;
  std::optional<std::vector<x509::Certificate>> own_authorities_;
  struct Gone {
    Time since;
    std::string why;
  };
  std::map<std::string, Gone> gone_;  // by URL
};

}  // namespace tsp::ops
