// Where evidence comes from outside of the documents: this TSP, the cache, the network. Hands out
// octets and judges none of them. For several threads; the network is asked by one at a time.
#pragma once

#include <map>

#include "base/guarded.h"
#include "net/fetcher.h"
#include "ops/evidence_cache.h"
#include "ops/own_tsp.h"
#include "pdf/store_revision.h"

namespace tsp::ops {

enum class EvidenceKind { certificate, ocsp, crl };

class EvidenceSources {
 public:
  // `cache`: a folder, or empty. `own` and `world` outlive this.
  EvidenceSources(OwnTsp& own, const World& world, std::string cache);

  Time now() const { return world_.clock.now(); }
  // Issuing and root; empty where no TSP stands here.
  std::vector<x509::Certificate> own_authorities();
  bool is_ours(const x509::Certificate& issuer);
  // Of this TSP, which stands here. Errors as they come, {interrupted} among them.
  Bytes own_ocsp(ByteView request);
  std::vector<Bytes> own_crls();

  // What an URL answers; a GET where `body` is empty. Nothing, and `why`, where it answers nothing
  // usable or has not a minute ago. Error{interrupted} comes out.
  std::optional<Bytes> fetch(EvidenceKind kind, const std::string& url, Bytes body,
                             std::string& why);
  // What was kept of such a fetch; `question` is the body without what differs each time.
  std::optional<Bytes> kept(const std::string& url, ByteView question);
  void keep(const std::string& url, ByteView question, ByteView answer);

 private:
  struct Gone {
    Time since;
    std::string why;
  };
  using GoneByUrl = std::map<std::string, Gone>;
  std::optional<std::string> why_left_alone(const std::string& url);
  std::optional<Bytes> ask(const net::Request& request, std::string& why);

  OwnTsp& own_;
  const World& world_;
  Guarded<EvidenceCache> cache_;
  Guarded<std::optional<std::vector<x509::Certificate>>> own_authorities_;
  Guarded<GoneByUrl> gone_;
  std::mutex network_;
};

}  // namespace tsp::ops
