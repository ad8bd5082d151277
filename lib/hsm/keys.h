// Key pairs and secret keys: making and finding.
#pragma once

#include "crypto/public_key.h"
#include "hsm/algorithms.h"
#include "hsm/state.h"

namespace tsp::hsm {

// Where a new private key lives and whether it may leave, wrapped.
enum class Fate { token_object, session_to_wrap, session_only };

struct KeyPair {
  CK_OBJECT_HANDLE public_half, private_half;
};
// Error{policy_refused} where the HSM does not offer the algorithm. `label` is for token objects.
KeyPair generate_pair(Live& live, const KeyKind& kind, Fate fate, const std::string& label);

// From the attributes of a public key object.
crypto::PublicKey read_public_key(Live& live, CK_OBJECT_HANDLE public_half, const KeyKind& kind);

// Error{already_exists} where a private or secret key has the label.
void refuse_taken(Live& live, const std::string& label);

// Error{policy_refused} for a key that was not made in this HSM, or that may be shown or leave it.
void refuse_exposed(const std::string& label, bool local, bool sensitive, bool never_extractable);
Error no_such_key(const Live& live, const std::string& label);

// --- secret_keys.cpp
// An AES or HMAC key by label; made here, sensitive, never extractable, or Error{policy_refused}.
// Error{not_found}; {tampered} where there are several. The handle is cached.
CK_OBJECT_HANDLE secret_key(Live& live, const std::string& label);
// What is cached of it goes.
void forget_secret_key(Live& live, const std::string& label);

}  // namespace tsp::hsm
