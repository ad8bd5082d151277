// C2SP signed notes: a text, an empty line, and signature lines
//
//     — NAME base64(key id ‖ signature)
//
// with the signature types 0x01 (Ed25519) and 0x02 (ECDSA over SHA-256, DER).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/signer.h"

namespace tsp::audit {

inline constexpr std::size_t kNoteLimit = 1 << 20;  // octets
inline constexpr std::size_t kSignatureLinesLookedAt = 64;

// A verifier key, read: name+hex(key id)+base64(type ‖ key).
struct NoteKey {
  std::string name;
  Bytes id;  // 4 octets
  crypto::PublicKey key;
};
// Error{bad_input} when malformed, of another type, or when the id is not the key's.
NoteKey parse_note_key(const std::string& verifier_key);
// Error{bad_input} for a name with spaces or '+', and for keys other than Ed25519 and NIST curves.
std::string make_note_key(const std::string& name, const crypto::PublicKey& key);

struct NoteSignature {
  std::string name;
  Bytes id, signature;
};
struct Note {
  std::string text;  // ends with a newline
  std::vector<NoteSignature> signatures;
};
// Nothing when it is not a note. Does NOT verify anything.
std::optional<Note> parse_note(std::string_view note);

// One signature line, with its newline; the signature is verified before it is returned.
std::string sign_note(std::string_view text, const std::string& name, crypto::Signer& signer);

struct Signers {
  std::vector<std::string> verifier_keys;  // those that signed, as given
  std::string reason;                      // when the note is refused; then no keys
};
// Unknown signers are ignored; a known key whose signature fails refuses the note, and so does a
// note that no known key signed.
Signers verify_note(const Note& note, const std::vector<std::string>& verifier_keys);

}  // namespace tsp::audit
