// A private key in the HSM as crypto::Signer.
#pragma once

#include <memory>

#include "crypto/signer.h"
#include "hsm/algorithms.h"
#include "hsm/state.h"

namespace tsp::hsm {

enum class Stay { in_token, until_dropped };

// Keeps the session alive; an object that stays `until_dropped` is destroyed with the Signer. The
// handle is used as it is: no search and no question beside C_SignInit and C_Sign.
std::unique_ptr<crypto::Signer> make_signer(std::shared_ptr<Session::State> session,
                                            CK_OBJECT_HANDLE key, const KeyKind& kind,
                                            crypto::PublicKey public_key, Stay stay);

}  // namespace tsp::hsm
