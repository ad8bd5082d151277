// A receipt for one record: C2SP tlog-proof, checked offline with the verifier keys alone.
//
//     c2sp.org/tlog-proof@v1
//     extra <base64 of the record>
//     index <number of the record>
//     <base64 of a hash>           … from the leaf's sibling up to the root's child
//
//     <the checkpoint's note>
#pragma once

#include "audit/checkpoint.h"
#include "audit/log.h"

namespace tsp::audit {

// For a record that the checkpoint covers; O(size), memory O(log size). Error{not_found} when it
// does not, Error{bad_input} when the note is no checkpoint, Error{tampered} when the log is not
// what the note signed. Does NOT verify the note's signature.
std::string prove(store::Database& database, std::int64_t seq, std::string_view note);

struct ProofVerdict {
  bool holds = false;
  std::string kind, reason;      // where it does not: record, root or checkpoint; and why
  std::optional<Record> record;  // what the proof is of, read; only where it holds
  std::optional<Checkpoint> checkpoint;
};
// The record is the one in the proof's extra line; it is believed only because the tree has it.
ProofVerdict verify_proof(std::string_view proof, const std::vector<std::string>& verifier_keys);

}  // namespace tsp::audit
