// Enrolment codes: what a registered signer activates with, alone. An officer hands one out; it is
// good once and for fourteen days. 20 characters of 23456789ABCDEFGHJKLMNPQRSTUVWXYZ (100 bits),
// shown in groups of five: 7KQ2M-X9RTC-4HBWP-D3FNV. The store keeps a MAC of it
// (docs/formats/factors.md). Its check: SignatureActivationModule::activate().
#pragma once

#include <chrono>
#include <string_view>

#include "base/secret.h"
#include "hsm/hsm.h"

namespace tsp::sam {

inline constexpr std::chrono::hours kEnrolmentLifetime{14 * 24};

Secret make_enrolment_code();
// HMAC_HSM(pepper, user ‖ code), 32 octets. The code in either case, with blanks or dashes between.
Bytes enrolment_code_mac(hsm::Session& hsm, std::string_view user, const Secret& code);

}  // namespace tsp::sam
