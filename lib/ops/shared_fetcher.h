// A fetcher for several threads: one call at a time, whoever asks.
#pragma once

#include <mutex>

#include "net/fetcher.h"

namespace tsp::ops {

class SharedFetcher final : public net::Fetcher {
 public:
  // `fetcher` outlives this.
  explicit SharedFetcher(net::Fetcher& fetcher) : fetcher_(fetcher) {}
  net::Response fetch(const net::Request& request) override {
    const std::lock_guard lock(guard_);
    return fetcher_.fetch(request);
  }

 private:
  std::mutex guard_;
  net::Fetcher& fetcher_;
};

}  // namespace tsp::ops
