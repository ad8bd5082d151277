#include "audit/anchor.h"

#include "audit/log.h"
#include "base/error.h"

namespace tsp::audit {

Extension check_anchor(store::Database& database, std::string_view old_note,
                       const std::vector<std::string>& verifier_keys) {
  NoteVerdict old = open_note(old_note, verifier_keys);
  if (!old.checkpoint) return {false, old.reason, std::nullopt};
  const store::Snapshot snapshot(database);
  const auto have = static_cast<std::uint64_t>(size(database));
  if (old.checkpoint->size > have)
    return {false,
            "it is of " + std::to_string(old.checkpoint->size) + " records, the log has " +
                std::to_string(have),
            old.checkpoint};
  if (range_root(database, 0, old.checkpoint->size) != old.checkpoint->root)
    return {false, "the log's records are not what it signed", old.checkpoint};
  return {true, {}, old.checkpoint};
}

std::vector<Bytes> prove_extension(store::Database& database, std::uint64_t old_size,
                                   std::uint64_t size) {
  const store::Snapshot snapshot(database);
  if (old_size > size || size > static_cast<std::uint64_t>(audit::size(database)))
    throw Error(Fault::not_found, "cannot prove that the log was extended",
                "it has not that many records");
  return consistency_proof(old_size, size, [&](std::uint64_t begin, std::uint64_t end) {
    return range_root(database, begin, end);
  });
}

Extension check_extension(std::string_view old_note, std::string_view note,
                          const std::vector<Bytes>& proof,
                          const std::vector<std::string>& verifier_keys) {
  const NoteVerdict old = open_note(old_note, verifier_keys);
  if (!old.checkpoint) return {false, "the old checkpoint: " + old.reason, std::nullopt};
  const NoteVerdict now = open_note(note, verifier_keys);
  if (!now.checkpoint) return {false, "the new checkpoint: " + now.reason, old.checkpoint};
  if (old.checkpoint->origin != now.checkpoint->origin)
    return {false, "the checkpoints are of different logs", old.checkpoint};
  if (!verify_consistency(old.checkpoint->size, now.checkpoint->size, old.checkpoint->root,
                          now.checkpoint->root, proof))
    return {false, "the proof does not lead from one to the other", old.checkpoint};
  return {true, {}, old.checkpoint};
}

}  // namespace tsp::audit
