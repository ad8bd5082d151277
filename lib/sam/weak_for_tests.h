// PIN verifiers and seals of any Argon2id cost, so that tests do not spend a second on each PIN.
// The product never includes this header (tests/lint/rooms.py holds lib/ and apps/ to it): what it
// stores costs at least crypto::kLeastArgon2.
#pragma once

#include "sam/factors.h"
#include "sam/seal.h"

namespace tsp::sam {

Bytes make_pin_verifier_for_tests(hsm::Session& hsm, std::string_view user, const Secret& pin,
                                  const crypto::Argon2& cost);

Sealed make_seal_for_tests(hsm::Session& hsm, const std::string& credential, const Secret& pin,
                           const Secret& share, const crypto::Argon2& cost, ByteView wrapped);

}  // namespace tsp::sam
