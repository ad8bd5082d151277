// The TSP of HOME as long-term work sees it: its TSA, its responder and its lists. For several
// threads; they are served one at a time.
#pragma once

#include <mutex>

#include "ops/backend.h"

namespace tsp::ops {

class OwnTsp {
 public:
  // nullptr: no TSP stands here, and nothing below may be called. `backend` outlives this.
  explicit OwnTsp(Backend* backend) : backend_(backend) {}
  bool stands() const { return backend_ != nullptr; }

  // Errors as they come, {interrupted} among them.
  Bytes timestamp(crypto::HashAlgorithm hash, ByteView imprint) {
    const std::lock_guard lock(guard_);
    return backend_->timestamp(hash, imprint);
  }
  OwnEvidence evidence(ByteView ocsp_request, Crls crls) {
    const std::lock_guard lock(guard_);
    return backend_->evidence(ocsp_request, crls);
  }

 private:
  std::mutex guard_;
  Backend* backend_;
};

}  // namespace tsp::ops
