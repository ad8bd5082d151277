// Verification of a whole log. Damage is an answer, not an exception.
#pragma once

#include "audit/checkpoint.h"
#include "audit/log.h"

namespace tsp::audit {

struct Damage {
  std::int64_t seq = 0;
  std::string kind;  // hash, sequence, record, order, root, checkpoint, truncated
  std::string detail;
};

struct Verdict {
  bool intact = false;
  std::int64_t size = 0;
  Bytes root;
  std::optional<Damage> first_damage;
  std::optional<Checkpoint> checkpoint;  // the newest of ours whose signature holds
  std::int64_t open_intents = 0;         // intents without result: allowed, counted
};

struct VerifyOptions {
  std::vector<std::string> verifier_keys;
  std::vector<std::string>
      trusted_notes;  // remembered or given checkpoints that the log must extend
};

// Reads the log once, O(n): sequence, canonical form, chain, tree root against the frontier and
// every checkpoint given, promise 3's order (a "sign" result only after its intent, each intent at
// most one result, result digests present).
Verdict verify(store::Database& database, const VerifyOptions& options);

}  // namespace tsp::audit
