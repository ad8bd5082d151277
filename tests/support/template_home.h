// One founded TSP that tests copy instead of founding their own: everything the product makes, and
// the signer alice, whose PIN costs next to nothing to check. Only this library writes such a PIN
// verifier; what the product itself writes in a copy costs what it always does.
#pragma once

#include <string>
#include <string_view>

#include "crypto/algorithms.h"
#include "ops/home.h"

namespace tsp::test {

inline constexpr std::string_view kAlice = "alice";
inline constexpr std::string_view kAlicePin = "246813";
// The seed of RFC 6238, appendix B: 20 octets of ASCII digits, here in base32.
inline constexpr std::string_view kAliceSeed = "12345678901234567890";
inline constexpr std::string_view kAliceTotp = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

// Founds it as `folder`/home and writes `folder`/totp (the secret in base32) and `folder`/pin, each
// one line. What stands there is replaced. Sets SOFTHSM2_CONF of this process.
void found_template(const std::string& folder, const std::string& data);

// A TSP of its own with CA keys of `algorithm` and nobody enrolled, ready for use in this process.
ops::Home found_home(const std::string& target, const std::string& data,
                     crypto::KeyAlgorithm algorithm);

// A copy as `target`, which must not exist, ready for use in this process (SOFTHSM2_CONF is set to
// it). The copy is the caller's to remove.
ops::Home copy_template(const std::string& target);

}  // namespace tsp::test
