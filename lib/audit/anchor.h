// Does a log extend a checkpoint that somebody remembered, printed or was sent? Only such an anchor
// shows that a log was not re-written or cut by who holds its keys.
#pragma once

#include "audit/checkpoint.h"

namespace tsp::audit {

struct Extension {
  bool holds = false;
  std::string reason;             // where not
  std::optional<Checkpoint> old;  // as its note says, where a known key signed it
};

// The records as they are against an old checkpoint: its tree is computed again. O(old size).
Extension check_anchor(store::Database& database, std::string_view old_note,
                       const std::vector<std::string>& verifier_keys);

// RFC 6962 2.1.2 proof between two sizes of the log, for somebody who has both notes but not the
// log. Error{not_found} for a size that the log has not (yet), or old_size > size.
std::vector<Bytes> prove_extension(store::Database& database, std::uint64_t old_size,
                                   std::uint64_t size);
// Both notes by the verifier keys, one origin, and the proof between them. Needs no store.
Extension check_extension(std::string_view old_note, std::string_view note,
                          const std::vector<Bytes>& proof,
                          const std::vector<std::string>& verifier_keys);

}  // namespace tsp::audit
