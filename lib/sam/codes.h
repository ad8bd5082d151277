// One-time codes: HOTP (RFC 4226), OCRA (RFC 6287) and codes sent out of band.
// TOTP stands in factors.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace tsp::sam {

// HOTP: the first counter whose code this is, from `next` on and at most kHotpWindow ahead. Every
// candidate is compared in constant time. Does NOT mark it used: store::advance_factor().
inline constexpr int kHotpWindow = 10;
std::optional<std::int64_t> match_hotp(ByteView seed, std::string_view code, std::int64_t next);
// otpauth://hotp/ISSUER:ACCOUNT?secret=…&issuer=…&algorithm=SHA1&digits=6&counter=0
Secret hotp_uri(std::string_view issuer, std::string_view account, const Secret& seed);

// OCRA, RFC 6287 section 6: any suite of its grammar, inputs in the order C, Q, P, S, T. A suite
// that is none, inputs that it does not ask for, and absent ones that it does, are
// Error{bad_input}. `question` is what the suite's Q says, digits, letters or hex, up to its
// length; two parties' questions, one behind the other, up to twice that.
struct OcraInput {
  std::string question;
  std::optional<std::uint64_t> counter{};
  std::optional<Secret> pin_hash{};     // P: the PIN's digest, by the suite's hash
  std::optional<Bytes> session{};       // S: shorter ones get zeros before them
  std::optional<std::uint64_t> step{};  // T: how many of the suite's steps since 1970
};
// So many decimal digits as the suite says; for 0 the whole HMAC in hex.
std::string ocra(std::string_view suite, ByteView key, const OcraInput& input);

// The suite that signers' tokens use: the code is a MAC over one SHA-256.
inline constexpr std::string_view kOcraSuite = "OCRA-1:HOTP-SHA256-8:QH64";
inline constexpr std::size_t kOcraSeed = 32;  // octets
// The code for a digest of 32 octets; what signers compute elsewhere, and its check in constant
// time. The question is the digest in upper-case hex.
std::string ocra_code(ByteView seed, ByteView digest);
bool is_ocra_code(ByteView seed, ByteView digest, std::string_view code);
// What a token is given, suite and secret in one line, for the signer alone:
//   ocra://ISSUER:ACCOUNT?secret=BASE32&issuer=ISSUER&suite=OCRA-1%3AHOTP-SHA256-8%3AQH64
Secret ocra_uri(std::string_view issuer, std::string_view account, const Secret& seed);

// What codes that a person types are written in: none of the 32 is taken for another, and an octet
// modulo 32 favours none.
inline constexpr std::string_view kCodeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
static_assert(kCodeAlphabet.size() == 32);

// A code sent out of band: six characters of kCodeAlphabet (30 bits). Typed in either case, with
// blanks or dashes between.
Secret make_sent_code();
Secret normalised_code(const Secret& typed);

}  // namespace tsp::sam
