// Signers' keys: generate, look up, destroy.
#pragma once

#include <functional>
#include <optional>

#include "ops/provider.h"

namespace tsp::ops {

// Of an id, in digits of hex: what is enough to name a key or a window, where it is unique.
inline constexpr std::size_t kShortestPrefix = 8;

struct GenerateKey {
  std::string user;
  crypto::KeyAlgorithm algorithm = crypto::KeyAlgorithm::ecdsa_p256;
  int scal = 1;  // 2 is refused (11) for a signer without a factor bound to the documents
  std::string label;
  // SCAL 2: seals the key. Where the signer has a PIN already it is that one (a try like any
  // other), else it is new and judged as such.
  std::optional<Secret> pin;
  // SCAL 2, where no device of the signer holds the share: called with the activation file's line
  // (sam/seal.h) before the key is stored; what it throws ends the generation.
  std::function<void(const Secret&)> hand_out;
  bool dry_run = false;
};
// What policy refuses before a PIN is asked for; generate_key() looks again.
void check_generation(Provider& provider, const GenerateKey& request);
struct KeyInfo {
  store::KeyRow row;
  std::string public_key_sha256;
  std::vector<std::string> certificates;  // serials
  std::int64_t audit_seq = 0;             // of the generation, in its receipt
};
KeyInfo generate_key(Provider& provider, const GenerateKey& request);
// Oldest first, the first `most` behind the key `after`; user empty: of all.
std::vector<KeyInfo> list_keys(Provider& provider, const std::string& user,
                               const std::string& after, std::size_t most);
KeyInfo show_key(Provider& provider,
                 const std::string& id);  // a unique prefix of 8 or more is enough

struct KeyDestroyed {
  std::string key, user;
  std::vector<std::string> revoked_certificates;
  std::string remains;  // which backups may still hold it, for people
  std::int64_t audit_seq = 0;
};
// Overwrites the blob (secure_delete, WAL truncated) and revokes its certificates.
KeyDestroyed destroy_key(Provider& provider, const std::string& id, bool dry_run);

Json to_json(const KeyInfo& key);
Json to_json(const KeyDestroyed& receipt);

}  // namespace tsp::ops
