// What the store keeps of factors: PIN verifiers (SCAL 1; Argon2id under an HSM pepper) and seeds;
// and TOTP (RFC 6238).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/time.h"
#include "crypto/symmetric.h"
#include "hsm/hsm.h"

namespace tsp::sam {

// Labels of the HSM keys of the token `signers`.
inline constexpr const char* kMasterKey = "master-1";
inline constexpr const char* kLinkKey = "link-1";
inline constexpr const char* kPepperKey = "pepper-1";
inline constexpr const char* kSeedKey = "seed-1";

// Why a PIN may not be chosen, or nothing: under 6 characters, over 64, not UTF-8 or with control
// characters, one repeated character, a straight run up or down (after 9 comes 0), or in `common`
// (one per line, upper and lower case alike). The text follows "the PIN ".
std::optional<std::string> objection_to_pin(const Secret& pin, std::string_view common);

// A verifier: version, Argon2id parameters, salt and HMAC_HSM(pepper, user ‖ Argon2id(PIN, salt)),
// so that nobody can check a guess with the store alone. docs/formats/factors.md. Does NOT judge
// the PIN. Error{policy_refused} for a cost under crypto::kLeastArgon2.
Bytes make_pin_verifier(hsm::Session& hsm, std::string_view user, const Secret& pin,
                        const crypto::Argon2& cost);
// Constant-time in the comparison. Error{tampered} for a verifier that is not one.
bool check_pin(hsm::Session& hsm, std::string_view user, const Secret& pin, ByteView verifier);
// A verifier that no PIN fits: trying one for a signer who does not exist takes the same time.
Bytes decoy_verifier(const crypto::Argon2& cost);

// A seed sealed under the HSM's seed key with user and factor type in the AAD: 20 octets for "totp"
// and "hotp", 32 for "ocra".
Bytes seal_seed(hsm::Session& hsm, std::string_view user, const Secret& seed,
                std::string_view type = "totp");
Secret open_seed(hsm::Session& hsm, std::string_view user, ByteView sealed,
                 std::string_view type = "totp");  // Error{tampered}

// RFC 4226 and 6238, HMAC-SHA-1: the six-digit code of a step.
std::string hotp(ByteView seed, std::uint64_t counter, int digits = 6);
std::int64_t totp_step(Time now);  // 30 s steps since 1970
// The step whose code this is: now's or the one before, and later than `last_step`. Every candidate
// is compared in constant time. Does NOT mark the step used: see store::advance_factor().
std::optional<std::int64_t> match_totp(ByteView seed, std::string_view code, Time now,
                                       std::int64_t last_step);
// otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…&algorithm=SHA1&digits=6&period=30
Secret totp_uri(std::string_view issuer, std::string_view account, const Secret& seed);

}  // namespace tsp::sam
