// The seal of a SCAL 2 key: its wrapped blob sealed again under the signer's PIN, the HSM's pepper
// and the signer's share (docs/formats/seal.md). There is no verifier beside it: the seal opens or
// the try was wrong. With the pepper in the HSM a stolen store is of no use for guessing, and with
// the share at the signer alone neither is the HSM. A lost PIN or share means a new key.
#pragma once

#include <optional>
#include <string>

#include "crypto/symmetric.h"
#include "hsm/hsm.h"

namespace tsp::sam {

inline constexpr std::size_t kShareSize = 32;  // random octets, with the signer alone

struct Sealed {
  Bytes blob;  // for the store
  Secret key;  // opens it, until it is made anew
};

// Error{policy_refused} for a cost under crypto::kLeastArgon2.
Sealed make_seal(hsm::Session& hsm, const std::string& credential, const Secret& pin,
                 const Secret& share, const crypto::Argon2& cost, ByteView wrapped);

// The key that PIN and share give: 32 octets, right or not. The cost is the one in the blob.
// Error{tampered} for a blob that is none. About 100 ms: this is the only place where SCAL 2 tries
// a PIN.
Secret seal_key(hsm::Session& hsm, const std::string& credential, const Secret& pin,
                const Secret& share, ByteView blob);

// What make_seal() was given as `wrapped`; nothing for another key. Microseconds.
std::optional<Bytes> open_seal(const Secret& key, const std::string& credential, ByteView blob);

// The activation file that holds a share where no device does: one line,
// "tsp-share-1 CREDENTIAL BASE32". Error{bad_input} for a line that is none, or for another
// credential.
Secret share_line(const std::string& credential, const Secret& share);
Secret parse_share_line(const Secret& line, const std::string& credential);

}  // namespace tsp::sam
