#include "base/files.h"
#include "sam/factors.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

std::string objection(std::string_view pin, std::string_view common = "") {
  return objection_to_pin(Secret::copy_of(as_bytes(pin)), common).value_or("none");
}

}  // namespace

TEST_CASE("an ordinary PIN may be chosen") {
  for (const char* pin : {"246813", "482915", "135790", "horse battery", "äöüäöß"})
    CHECK(objection(pin) == "none");
}

TEST_CASE("six characters are enough, five are not, and octets do not count") {
  CHECK(objection("29384") == "has fewer than 6 characters");
  CHECK(objection("") == "has fewer than 6 characters");
  CHECK(objection("äöü") == "has fewer than 6 characters");
}

TEST_CASE("64 characters are the most") {
  std::string pin;
  for (int i = 0; i < 32; ++i) pin += "x7";
  CHECK(objection(pin) == "none");
  CHECK(objection(pin + "x") == "has more than 64 characters");
}

TEST_CASE("one repeated character is refused") {
  CHECK(objection("000000") == "is one character repeated");
  CHECK(objection("éééééé") == "is one character repeated");
}

TEST_CASE("straight runs are refused, up and down, also over the zero") {
  for (const char* pin : {"123456", "987654", "abcdef", "567890", "098765", "890123"})
    CHECK(objection(pin) == "is a straight run");
}

TEST_CASE("what is no text is refused") {
  CHECK(objection("2468\xff\x31") == "is not UTF-8");
  CHECK(objection("2468\t13") == "has a control character");
  CHECK(objection(std::string_view("2468\0"
                                   "13",
                                   7)) == "has a control character");
  CHECK(objection("2468\xc2\x85"
                  "13") == "has a control character");
}

TEST_CASE("common PINs are refused, however the list ends its lines") {
  const std::string_view list = "letmein\r\npassword\n112233";
  CHECK(objection("letmein", list) == "is among the most common ones");
  CHECK(objection("PassWord", list) == "is among the most common ones");
  CHECK(objection("112233", list) == "is among the most common ones");
  CHECK(objection("1122334", list) == "none");
}

TEST_CASE("the list that is shipped refuses 121212 and lets 246813 pass") {
  const Bytes octets = read_file(TSP_SOURCE_DIR "/config/common-pins.txt", 1 << 20);
  CHECK(objection("121212", as_text(octets)) == "is among the most common ones");
  CHECK(objection("246813", as_text(octets)) == "none");
}
