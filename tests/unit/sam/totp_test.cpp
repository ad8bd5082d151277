// Vectors: RFC 4226 appendix D, RFC 6238 appendix B (SHA-1).
#include "base/error.h"
#include "sam/factors.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

const ByteView kSeed = as_bytes("12345678901234567890");
constexpr std::int64_t kNever = 0;

std::string code_at(Time now) {
  return hotp(kSeed, static_cast<std::uint64_t>(totp_step(now)));
}

}  // namespace

TEST_CASE("HOTP gives the codes of RFC 4226") {
  const char* codes[] = {"755224", "287082", "359152", "969429", "338314",
                         "254676", "287922", "162583", "399871", "520489"};
  for (std::uint64_t counter = 0; counter < 10; ++counter)
    CHECK(hotp(kSeed, counter) == codes[counter]);
}

TEST_CASE("TOTP gives the eight-digit codes of RFC 6238") {
  const std::pair<std::int64_t, const char*> vectors[] = {
      {59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
      {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [seconds, code] : vectors)
    CHECK(hotp(kSeed, static_cast<std::uint64_t>(totp_step(from_unix(seconds))), 8) == code);
}

TEST_CASE("a code of five or nine digits is not made") {
  CHECK_THROWS_AS(hotp(kSeed, 0, 5), Error);
  CHECK_THROWS_AS(hotp(kSeed, 0, 9), Error);
}

TEST_CASE("a step has thirty seconds") {
  CHECK(totp_step(from_unix(29)) == 0);
  CHECK(totp_step(from_unix(30)) == 1);
  CHECK(totp_step(from_unix(-1)) == -1);
}

TEST_CASE("the code of this step and of the one before fit, older and later ones do not") {
  const Time now = from_unix(1800000000);
  const std::int64_t step = totp_step(now);
  using std::chrono::seconds;
  CHECK(match_totp(kSeed, code_at(now), now, kNever) == step);
  CHECK(match_totp(kSeed, code_at(now - seconds(30)), now, kNever) == step - 1);
  CHECK_FALSE(match_totp(kSeed, code_at(now - seconds(60)), now, kNever));
  CHECK_FALSE(match_totp(kSeed, code_at(now + seconds(30)), now, kNever));
}

TEST_CASE("a code of a step that was used, or of one before it, does not fit") {
  const Time now = from_unix(1800000000);
  const std::int64_t step = totp_step(now);
  CHECK_FALSE(match_totp(kSeed, code_at(now), now, step));
  CHECK_FALSE(match_totp(kSeed, code_at(now - std::chrono::seconds(30)), now, step));
  CHECK(match_totp(kSeed, code_at(now), now, step - 1) == step);
}

TEST_CASE("what is no six-digit code does not fit") {
  const Time now = from_unix(1800000000);
  const std::string code = code_at(now);
  for (const std::string& wrong :
       {std::string(), code.substr(1), code + "0", " " + code, std::string(6, '\0')})
    CHECK_FALSE(match_totp(kSeed, wrong, now, kNever));
}

TEST_CASE("the provisioning URI is what authenticator apps read") {
  const Secret seed = Secret::copy_of(kSeed);
  CHECK(totp_uri("Example Trust: Test", "alice@example.org", seed).text() ==
        "otpauth://totp/Example%20Trust%3A%20Test:alice%40example.org"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example%20Trust%3A%20Test"
        "&algorithm=SHA1&digits=6&period=30");
}
