// Checkpoints: C2SP tlog-checkpoint bodies in C2SP signed notes, signed with ECDSA P-256 (type
// 0x02) and, where the HSM can, Ed25519 (type 0x01).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/signer.h"

namespace tsp::audit {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Bytes root;
};

// A verifier key: name+hex(keyID)+base64(type ‖ key), as C2SP signed-note spells it; for ECDSA the
// key is the SubjectPublicKeyInfo DER.
std::string verifier_key(const std::string& origin, const crypto::PublicKey& key);

std::string body_of(const Checkpoint& checkpoint);
// The signed note. Each signature is verified before it is returned.
std::string sign_checkpoint(const Checkpoint& checkpoint, const std::vector<crypto::Signer*>& keys);

struct NoteVerdict {
  std::optional<Checkpoint> checkpoint;  // only when at least one known key signed and none failed
  std::vector<std::string> signers;      // verifier keys that signed
  std::string reason;                    // when not
};
// `verifier_keys` as verifier_key() makes them. Unknown signers are ignored; a known key whose
// signature fails makes the whole note refused. At most 64 signature lines are looked at.
NoteVerdict open_note(std::string_view note, const std::vector<std::string>& verifier_keys);

}  // namespace tsp::audit
