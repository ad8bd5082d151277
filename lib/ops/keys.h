// Signers' keys: generate, look up, destroy.
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

struct GenerateKey {
  std::string user;
  crypto::KeyAlgorithm algorithm = crypto::KeyAlgorithm::ecdsa_p256;
  int scal = 1;  // 2 is refused (11) for a signer without a document-bound factor
  std::string label;
  bool dry_run = false;
};
struct KeyInfo {
  store::KeyRow row;
  std::string public_key_sha256;
  std::vector<std::string> certificates;  // serials
  std::int64_t audit_seq = 0;             // of the generation, in its receipt
};
KeyInfo generate_key(Provider& provider, const GenerateKey& request);
std::vector<KeyInfo> list_keys(Provider& provider, const std::string& user);  // empty: all
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
