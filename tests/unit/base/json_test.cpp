#include "base/json.h"

#include "base/error.h"
#include "base/text.h"
#include "support/catch.h"

using namespace tsp;

TEST_CASE("strict JSON refuses what parsers read differently") {
  for (std::string_view bad : {R"({"a":1,"a":2})", R"({"a":{"b":1,"b":1}})", "{\"a\":\"\xff\"}",
                               "{", "", "{} {}", "[1,]", "nul", "{'a':1}", "[01]", "[1e999999]"})
    CHECK_THROWS_AS(parse_json(as_bytes(bad), "test"), Error);
  CHECK(parse_json(as_bytes(R"({"a":[1,2,{"b":null}]})"), "test")["a"][1] == 2);
}

TEST_CASE("JSON has bounds") {
  CHECK_THROWS_AS(parse_json(as_bytes(std::string(40, '[') + std::string(40, ']')), "test"), Error);
  CHECK_THROWS_AS(
      parse_json(as_bytes("\"" + std::string(100, 'x') + "\""), "test", {.size = 50, .depth = 4}),
      Error);
}

TEST_CASE("what is written keeps its order and is valid UTF-8") {
  const Json value = {{"z", 1}, {"a", "\xff"}};
  CHECK(dump(value) == "{\"z\":1,\"a\":\"\xef\xbf\xbd\"}");
}

TEST_CASE("text shown to people cannot move the cursor or turn the line round") {
  CHECK(printable("Alice") == "Alice");
  CHECK(printable("A\033[2Jb") == "A\xef\xbf\xbd[2Jb");
  CHECK(printable("A\xe2\x80\xae"
                  "b") ==
        "A\xef\xbf\xbd"
        "b");  // U+202E
  CHECK(printable("\xc3\x28") == "\xef\xbf\xbd(");
  CHECK(printable("Ελένη Ирина é") == "Ελένη Ирина é");
}

TEST_CASE("UTF-8 is judged by its shortest form") {
  CHECK(is_utf8("héllo €"));
  for (std::string_view bad :
       {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xe2\x82"})
    CHECK_FALSE(is_utf8(bad));
  CHECK(to_utf8(code_points("€ é 𝄞")) == "€ é 𝄞");
}
