// PIN verifiers of any Argon2id cost, so that tests do not spend a second on each PIN. The product
// never includes this header (tests/lint/rooms.py holds lib/ and apps/ to it): what it stores costs
// at least crypto::kLeastArgon2.
#pragma once

#include "sam/factors.h"

namespace tsp::sam {

Bytes make_pin_verifier_for_tests(hsm::Session& hsm, std::string_view user, const Secret& pin,
                                  const crypto::Argon2& cost);

}  // namespace tsp::sam
