#include "audit/note.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "crypto/der.h"
#include "crypto/digest.h"

namespace tsp::audit {
namespace {

constexpr std::uint8_t kEd25519 = 1, kEcdsa = 2;
constexpr std::size_t kIdSize = 4, kEd25519Size = 32;
constexpr std::string_view kDash = "\u2014 ";

bool is_space(char32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

bool is_name(std::string_view name) {
  if (name.empty() || !is_utf8(name)) return false;
  const std::u32string points = code_points(name);
  return std::none_of(points.begin(), points.end(),
                      [](char32_t c) { return is_space(c) || c == '+' || c < ' '; });
}

bool is_ed25519(const crypto::PublicKey& key) {
  return key.algorithm() == crypto::KeyAlgorithm::ed25519;
}

Bytes spki_of_ed25519(ByteView raw) {
  namespace der = crypto::der;
  Bytes bits{0};
  tsp::append(bits, raw);
  return der::sequence(der::sequence(der::oid("1.3.101.112")), der::tlv(der::kBitString, bits));
}

// The key as notes spell it, type first.
Bytes typed_key(const crypto::PublicKey& key) {
  Bytes typed{is_ed25519(key) ? kEd25519 : kEcdsa};
  const ByteView spki(key.spki());
  tsp::append(typed, is_ed25519(key) ? spki.last(kEd25519Size) : spki);
  return typed;
}

Bytes id_of(const std::string& name, const crypto::PublicKey& key) {
  Bytes hashed;
  if (is_ed25519(key)) {
    tsp::append(hashed, as_bytes(name + "\n"));
    tsp::append(hashed, typed_key(key));
  } else {
    hashed = key.spki();
  }
  Bytes id = crypto::sha256(hashed);
  id.resize(kIdSize);
  return id;
}

bool is_note_algorithm(const crypto::PublicKey& key) {
  const auto algorithm = key.algorithm();
  return algorithm && !crypto::is_rsa(*algorithm);
}

bool verify(const crypto::PublicKey& key, std::string_view text, ByteView signature) {
  if (is_ed25519(key))
    return key.verify(crypto::Scheme::ed25519, crypto::HashAlgorithm::sha512, as_bytes(text),
                      signature);
  return key.verify(crypto::Scheme::ecdsa, crypto::HashAlgorithm::sha256,
                    crypto::sha256(as_bytes(text)), signature);
}

std::optional<NoteSignature> parse_line(std::string_view line) {
  if (!line.starts_with(kDash)) return std::nullopt;
  line.remove_prefix(kDash.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos || !is_name(line.substr(0, space))) return std::nullopt;
  const auto blob = from_base64(line.substr(space + 1));
  if (!blob || blob->size() <= kIdSize) return std::nullopt;
  const auto middle = blob->begin() + kIdSize;
  return NoteSignature{std::string(line.substr(0, space)), Bytes(blob->begin(), middle),
                       Bytes(middle, blob->end())};
}

}  // namespace

NoteKey parse_note_key(const std::string& verifier_key) {
  const auto refuse = [](const std::string& why) -> Error {
    return {Fault::bad_input, "cannot read the verifier key", why,
            "it is NAME+ID+KEY, as tsp audit checkpoint names it"};
  };
  const auto first = verifier_key.find('+');
  const auto second = verifier_key.find('+', first == std::string::npos ? first : first + 1);
  if (second == std::string::npos) throw refuse("it has not three parts");
  const std::string name = verifier_key.substr(0, first);
  const auto id = from_hex(std::string_view(verifier_key).substr(first + 1, second - first - 1));
  const auto typed = from_base64(std::string_view(verifier_key).substr(second + 1));
  if (!is_name(name) || !id || id->size() != kIdSize || !typed || typed->empty())
    throw refuse("it is malformed");
  const ByteView key = ByteView(*typed).subspan(1);
  if (typed->front() != kEcdsa && (typed->front() != kEd25519 || key.size() != kEd25519Size))
    throw refuse("its type is not known");
  NoteKey parsed{name, *id,
                 crypto::PublicKey::from_spki(typed->front() == kEd25519 ? spki_of_ed25519(key)
                                                                         : to_bytes(key))};
  if (!is_note_algorithm(parsed.key) || !equal(typed_key(parsed.key), *typed))
    throw refuse("its key is of another type than it says");
  if (id_of(name, parsed.key) != parsed.id) throw refuse("its id is not the key's");
  return parsed;
}

std::string make_note_key(const std::string& name, const crypto::PublicKey& key) {
  if (!is_name(name))
    throw Error(Fault::bad_input, "cannot name a log \"" + printable(name) + "\"",
                "the name of a log has no spaces and no '+'");
  if (!is_note_algorithm(key))
    throw Error(Fault::bad_input, "cannot sign checkpoints with " + key.description(),
                "checkpoints are signed with Ed25519 or ECDSA");
  return name + "+" + to_hex(id_of(name, key)) + "+" + to_base64(typed_key(key));
}

std::optional<Note> parse_note(std::string_view note) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; };
  if (note.size() > kNoteLimit || !is_utf8(note) || !note.ends_with('\n') ||
      std::any_of(note.begin(), note.end(), control))
    return std::nullopt;
  const auto split = note.rfind("\n\n");
  if (split == std::string_view::npos) return std::nullopt;
  Note parsed{std::string(note.substr(0, split + 1)), {}};
  std::string_view rest = note.substr(split + 2);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = parse_line(rest.substr(0, end));
    if (!line) return std::nullopt;
    if (parsed.signatures.size() < kSignatureLinesLookedAt) parsed.signatures.push_back(*line);
    rest.remove_prefix(end + 1);
  }
  if (parsed.signatures.empty()) return std::nullopt;
  return parsed;
}

std::string sign_note(std::string_view text, const std::string& name, crypto::Signer& signer) {
  const crypto::PublicKey& key = signer.public_key();
  make_note_key(name, key);  // refuses what cannot sign notes
  const Bytes signature =
      is_ed25519(key)
          ? signer.sign(crypto::Scheme::ed25519, crypto::HashAlgorithm::sha512, as_bytes(text))
          : signer.sign(crypto::Scheme::ecdsa, crypto::HashAlgorithm::sha256,
                        crypto::sha256(as_bytes(text)));
  if (!verify(key, text, signature))
    throw Error(Fault::hsm_unavailable, "cannot sign the checkpoint",
                "the HSM returned a signature that does not verify");
  Bytes blob = id_of(name, key);
  tsp::append(blob, signature);
  return std::string(kDash) + name + " " + to_base64(blob) + "\n";
}

Signers verify_note(const Note& note, const std::vector<std::string>& verifier_keys) {
  Signers found;
  for (const std::string& spelled : verifier_keys) {
    const NoteKey known = parse_note_key(spelled);
    bool signed_by_it = false;
    for (const NoteSignature& line : note.signatures) {
      if (line.name != known.name || line.id != known.id) continue;
      if (!verify(known.key, note.text, line.signature))
        return {{}, "the signature of " + known.name + " is wrong"};
      signed_by_it = true;
    }
    if (signed_by_it) found.verifier_keys.push_back(spelled);
  }
  if (found.verifier_keys.empty()) found.reason = "no known key signed it";
  return found;
}

}  // namespace tsp::audit
