#include "sam/requirement.h"

#include "signers_token.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::sam;

TEST_CASE("a policy is alternatives of factors") {
  const auto policy = Requirement::parse("pin+device|pin+ocra", 2);
  REQUIRE(policy.alternatives().size() == 2);
  CHECK(policy.alternatives()[0] == Factors{Factor::pin, Factor::device});
  CHECK(text_of(policy.alternatives()[1]) == "pin+ocra");
}

TEST_CASE(
    "SCAL 2 asks for the PIN and a factor bound to the documents; TOTP and HOTP do not count") {
  for (const char* text : {"pin+device", "pin+ocra", "pin+oob", "pin+ocra+device"})
    CHECK(fault_of([&] { Requirement::parse(text, 2); }) == "none");
  for (const char* text :
       {"pin+totp", "pin+hotp", "device+ocra", "pin+totp+device", "pin+device|pin+totp"})
    CHECK(fault_of([&] { Requirement::parse(text, 2); }) == "bad-input");
}

TEST_CASE("what is no policy is refused") {
  for (const char* text : {"", "pin", "pin+", "+pin", "pin+pin", "pin+totp+hotp", "pin+sms",
                           "pin+totp|", "PIN+TOTP", "pin totp"})
    CHECK(fault_of([&] { Requirement::parse(text, 1); }) == "bad-input");
}

TEST_CASE("each factor has one name") {
  for (const char* name : {"pin", "totp", "hotp", "ocra", "oob", "device"})
    CHECK(name_of(parse_factor(name).value()) == name);
  CHECK_FALSE(parse_factor("fingerprint"));
}
