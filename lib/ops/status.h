// How the TSP is (`tsp status`), and whether it works (`tsp doctor`).
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

// The JSON of cli.md: {ok, separation, hsm, store, space, audit, certificates, crl, groups,
// notices, clock, warnings}; `separation` as Provider::separation() says it.
Json status(Provider& provider);

struct Probe {
  std::string name;  // "test signature", "audit append", …
  bool ok = false;
  std::string detail, next;
};
// Active probes, each on its own: a failure does not stop the rest. A dry run leaves no record and
// makes no time-stamp: it looks whether they could be made.
std::vector<Probe> doctor(Provider& provider, bool dry_run);
Json to_json(const std::vector<Probe>& probes);

}  // namespace tsp::ops
