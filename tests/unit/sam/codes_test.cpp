// HOTP in its window, codes sent out of band, provisioning. Vectors: RFC 4226 appendix D.
#include "sam/codes.h"

#include <limits>
#include <set>

#include "support/catch.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

const ByteView kHotpSeed = as_bytes("12345678901234567890");
// Counters 0 to 9.
const char* const kCodes[] = {"755224", "287082", "359152", "969429", "338314",
                              "254676", "287922", "162583", "399871", "520489"};

Secret typed(std::string_view text) {
  return Secret::copy_of(as_bytes(text));
}

}  // namespace

TEST_CASE("each HOTP code of RFC 4226 is found at its counter") {
  for (std::int64_t counter = 0; counter < 10; ++counter) {
    CHECK(match_hotp(kHotpSeed, kCodes[counter], 0) == counter);
    CHECK(match_hotp(kHotpSeed, kCodes[counter], counter) == counter);
  }
}

TEST_CASE("an HOTP code of a counter before the next one does not fit") {
  CHECK_FALSE(match_hotp(kHotpSeed, kCodes[0], 1));
  CHECK_FALSE(match_hotp(kHotpSeed, kCodes[9], 10));
}

TEST_CASE("the look-ahead window of HOTP ends ten counters on") {
  // Counters 20 and 21, by oathtool --hotp -c.
  CHECK(match_hotp(kHotpSeed, "328281", 10) == 20);
  CHECK_FALSE(match_hotp(kHotpSeed, "191635", 10));
}

TEST_CASE("what is no six-digit code fits no counter") {
  for (const std::string& wrong : {std::string(), std::string("75522"), std::string("7552240"),
                                   std::string(" 755224"), std::string(6, '\0')})
    CHECK_FALSE(match_hotp(kHotpSeed, wrong, 0));
}

TEST_CASE("counters that cannot be are matched by nothing") {
  CHECK_FALSE(match_hotp(kHotpSeed, kCodes[0], -1));
  CHECK_FALSE(match_hotp(kHotpSeed, kCodes[0], std::numeric_limits<std::int64_t>::min()));
  CHECK_FALSE(match_hotp(kHotpSeed, kCodes[0], std::numeric_limits<std::int64_t>::max()));
}

TEST_CASE("the URI of an HOTP token is what authenticator apps read") {
  CHECK(hotp_uri("Example Trust", "alice", typed("12345678901234567890")).text() ==
        "otpauth://hotp/Example%20Trust:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Example%20Trust&algorithm=SHA1&digits=6&counter=0");
}

TEST_CASE("the line for an OCRA token names suite and secret") {
  CHECK(ocra_uri("Example Trust", "alice", typed("12345678901234567890")).text() ==
        "ocra://Example%20Trust:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Example%20Trust&suite=OCRA-1%3AHOTP-SHA256-8%3AQH64");
}

TEST_CASE("a sent code has six characters that are not taken for others") {
  std::set<std::string> seen;
  for (int i = 0; i < 500; ++i) {
    const Secret code = make_sent_code();
    REQUIRE(code.size() == 6);
    CHECK(code.text().find_first_not_of("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") ==
          std::string_view::npos);
    seen.emplace(code.text());
  }
  CHECK(seen.size() >= 499);
}

TEST_CASE("a sent code may be typed small, with blanks and dashes") {
  CHECK(normalised_code(typed("k7q-2xz")).text() == "K7Q2XZ");
  CHECK(normalised_code(typed(" K7 Q2 XZ ")).text() == "K7Q2XZ");
  CHECK(normalised_code(typed("")).empty());
}

TEST_CASE("nothing else in a typed code is forgiven") {
  CHECK(normalised_code(typed("K7Q2XZ\n")).text() == "K7Q2XZ\n");
  CHECK(normalised_code(typed("K7Q.2XZ")).text() == "K7Q.2XZ");
}
