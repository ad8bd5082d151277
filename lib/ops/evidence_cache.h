// What was fetched, kept in HOME/cache for the next call. Nothing here is believed: whoever takes a
// piece judges it as if it came from the network, so a stale or planted file costs a fetch and no
// more. Files that cannot be read or written are passed over.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/time.h"

namespace tsp::ops {

class EvidenceCache {
 public:
  // `folder` is made at the first put(); empty: nothing is kept.
  explicit EvidenceCache(std::string folder) : folder_(std::move(folder)) {}
  // `question`: the URL, and what was asked there without what differs each time.
  std::optional<Bytes> get(const std::string& question) const;
  // Also removes what has not been written for a month, once a call.
  void put(const std::string& question, ByteView answer, Time now);

 private:
  std::string path_of(const std::string& question) const;
  void prune(Time now);
  std::string folder_;
  bool ready_ = false;
};

}  // namespace tsp::ops
