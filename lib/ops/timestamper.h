// Time-stamps for documents: of this TSP, or of the first TSA of several that answers well. For
// several threads.
#pragma once

#include <atomic>

#include "ops/own_tsp.h"

namespace tsp::ops {

class Timestamper {
 public:
  // Without URLs the TSP's own TSA. Error{not_found} where none stands then.
  // `policy`: dotted, asked of the servers; empty: whichever they have.
  // `own` and `world` outlive this.
  Timestamper(OwnTsp& own, const World& world, std::vector<std::string> urls, std::string policy);
  // A token over the imprint, its signature verified and its time near our clock's. Servers are
  // asked in their order, beginning with the one that answered last, so that one that is gone costs
  // its patience once. Error{evidence_missing} with each server's answer.
  Bytes stamp(crypto::HashAlgorithm hash, ByteView imprint);
  // What a token may come to: as long as those before it and some room, or a first guess.
  std::size_t likely_size() const { return likely_size_; }

 private:
  Bytes fetch(crypto::HashAlgorithm hash, ByteView imprint);
  OwnTsp& own_;
  const World& world_;
  std::vector<std::string> urls_;
  std::string policy_;
  std::atomic<std::size_t> first_ = 0;
  std::atomic<std::size_t> likely_size_ = 8 * 1024;
};

}  // namespace tsp::ops
