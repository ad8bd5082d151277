// Signature activation data (EN 419 241-1, SRA_SAP.2): the secret s that stands for one approval of
// one manifest, and what the store keeps of it (docs/formats/sad.md). The store learns neither s
// nor the approved hashes; without s nothing in it can be used, and without the HSM no row can be
// made.
#pragma once

#include <optional>

#include "hsm/hsm.h"
#include "store/rows.h"

namespace tsp::sam {

inline constexpr std::size_t kSadSize = 32;  // octets of s

struct Sad {
  Secret secret;           // s, for whoever asked
  store::ApprovalRow row;  // for the store
};

// Draws s and makes its row: id is SHA-256(s), `sealed` holds `seal_key` (empty for SCAL 1) under a
// key derived from s, `mac` is keyed in the HSM. `row` brings user, key, manifest, count and end.
Sad make_sad(hsm::Session& hsm, store::ApprovalRow row, const Secret& seal_key);

// The row's key for s. Error{tampered} for a row that was changed or is not from make_sad().
void check_sad(hsm::Session& hsm, const store::ApprovalRow& row);

// What make_sad() was given. Error{tampered} when s and row do not belong together.
Secret open_sad(const Secret& secret, const store::ApprovalRow& row);

// As the store keeps an approved hash: keyed with s, so that nobody adds one to an approval.
class HashKey {
 public:
  explicit HashKey(const Secret& secret);
  Bytes of(ByteView entry_hash) const;

 private:
  Secret key_;
};

}  // namespace tsp::sam
