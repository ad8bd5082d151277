// Verification of a whole log. Damage is an answer, not an exception.
#pragma once

#include "audit/checkpoint.h"
#include "audit/log.h"

namespace tsp::audit {

// Kinds are part of the output: never renamed, never used for something else.
//   sequence    the record of this number is missing, or another stands in its place
//   hash        record and chain value (in an export: tile) do not belong together
//   record      not a canonical record, or unreadable
//   order       promise 3 or time: the detail says which rule
//   root        the tree kept beside the records is not theirs; seq is the log's size
//   checkpoint  a record at or after seq is not what was signed, or the note itself is refused
//   truncated   records from seq on are gone
struct Damage {
  std::int64_t seq = 0;
  std::string kind;
  std::string detail;
};

struct Verdict {
  bool intact = false;
  std::int64_t size = 0;
  Bytes root;                            // empty where damage kept it from being computed
  std::optional<Damage> first_damage;    // of the lowest seq
  std::optional<Checkpoint> checkpoint;  // the newest of ours whose signature holds
  std::int64_t open_intents = 0;         // intents without result: allowed, counted
  // A proof shows one record and looks at no other. Nothing else is said of the log then, but its
  // size and root as the checkpoint has them.
  bool of_proof = false;
  std::optional<std::int64_t> proven;  // the record's number, where the proof holds
};

struct VerifyOptions {
  // As audit::verifier_key() spells them. A checkpoint that none of them signed is damage; without
  // any, checkpoints are held against the records, but their signatures are not judged.
  std::vector<std::string> verifier_keys;
  // Remembered or given checkpoints that the log must extend. Error{bad_input} for one that is not
  // a checkpoint at all.
  std::vector<std::string> trusted_notes;
};

// Reads the log once, O(n), memory O(open intents): sequence, chain, canonical form, promise 3's
// order (a "sign" result only after its intent and bound to the same, each intent at most one
// result, result digests present), tree root against the frontier and every checkpoint kept or
// given. One state of the store is judged, whatever others append meanwhile. A log that was
// re-written as a whole, or cut, is noticed by checkpoints alone: give one that was kept elsewhere.
Verdict verify(store::Database& database, const VerifyOptions& options);

// What an auditor was handed: an exported tree (a folder, see export.h), a store, or a proof of one
// record (see proof.h), told by its content; anything else is Error{bad_input}. Needs no HOME. A
// proof that does not hold has kind root, checkpoint or record.
Verdict verify_path(const std::string& path, const VerifyOptions& options);
// The same of a proof's text, wherever it came from.
Verdict verify_proof_text(std::string_view proof, const VerifyOptions& options);
// Whether a text begins as a proof does.
bool begins_as_proof(std::string_view text);

}  // namespace tsp::audit
