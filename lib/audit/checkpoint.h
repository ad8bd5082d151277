// Checkpoints: C2SP tlog-checkpoint bodies in C2SP signed notes, signed with ECDSA P-256 (type
// 0x02) and, where the HSM can, Ed25519 (type 0x01).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/signer.h"
#include "store/database.h"

namespace tsp::audit {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Bytes root;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// A verifier key: name+hex(keyID)+base64(type ‖ key), as C2SP signed-note spells it; for ECDSA the
// key is the SubjectPublicKeyInfo DER.
std::string verifier_key(const std::string& origin, const crypto::PublicKey& key);

std::string body_of(const Checkpoint& checkpoint);
// Origin, size, root; further lines (extensions) are allowed and passed over.
std::optional<Checkpoint> parse_body(std::string_view text);
// The signed note. Each signature is verified before it is returned.
std::string sign_checkpoint(const Checkpoint& checkpoint, const std::vector<crypto::Signer*>& keys);

struct NoteVerdict {
  std::optional<Checkpoint> checkpoint;  // only when at least one known key signed and none failed
  std::vector<std::string> signers;      // verifier keys that signed
  std::string reason;                    // when not
};
// `verifier_keys` as verifier_key() makes them; one that is malformed is Error{bad_input}. Unknown
// signers are ignored; a known key whose signature fails makes the whole note refused. At most 64
// signature lines are looked at. Does NOT compare the origin with the signer's name.
NoteVerdict open_note(std::string_view note, const std::vector<std::string>& verifier_keys);
// What a note says, whoever signed it: for notes that are trusted otherwise. Nothing when
// malformed.
std::optional<Checkpoint> unverified_checkpoint(std::string_view note);

// Signs the log as it is and keeps the note in the store. First the records since the last
// checkpoint (all, where there is none) are hashed onto that checkpoint's tree: a log that does not
// extend what was signed before is Error{tampered}, and nothing is signed.
std::string issue_checkpoint(store::Database& database, Time now, const std::string& origin,
                             const std::vector<crypto::Signer*>& keys);

}  // namespace tsp::audit
