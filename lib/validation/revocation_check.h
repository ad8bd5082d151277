// The status of one certificate of a chain, from what is at hand and what can be had (EN 319 102-1,
// 5.2.5 and 5.2.6.4). Internal to the room.
#pragma once

#include "trust/path.h"
#include "validation/context.h"

namespace tsp::validation {

// From when on an authority's word does not count any more.
struct Mistrust {
  Time since;
  bool compromised;  // what is not proven to have existed by then may be made up
};

struct StatusQuestion {
  const std::vector<x509::Certificate>& chain;
  std::size_t index;
  trust::Usage usage;
  Time at;
  std::optional<Mistrust> issuer{};
};

struct StatusAnswer {
  trust::RevocationVerdict verdict;
  // There would have been evidence, had its signer's certificate not expired before anything proves
  // that the evidence existed.
  bool out_of_bounds = false;
  std::string weakness;  // why the algorithms of some evidence cannot be relied on; empty: none

  bool is_known_good(Level freshness) const;
  bool was_revoked(Time at) const;  // a revocation that came later leaves it good at the moment
};

// Asks context.source where evidence is missing or stale.
StatusAnswer status_of(const StatusQuestion& question, Context& context);

}  // namespace tsp::validation
