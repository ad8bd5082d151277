#include "yaml/tree.h"

#include "support/catch.h"

using tsp::Error;
using tsp::Fault;
using tsp::yaml::Node;
using tsp::yaml::parse;

namespace {

// The message that parsing throws, or "accepted".
std::string verdict(const std::string& text) {
  try {
    (void)parse(text, "x.yaml");
    return "accepted";
  } catch (const Error& error) {
    CHECK(error.fault == Fault::bad_input);
    return error.what();
  }
}

template <class Question>
std::string complaint(Question question) {
  try {
    question();
    return "none";
  } catch (const Error& error) {
    return error.what();
  }
}

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

}  // namespace

TEST_CASE("a tree keeps text, order and lines") {
  const Node tree = parse("# first\nname: root\nuses: [a, 'b']\ndays: 30\nca: true\n", "p.yaml");
  CHECK(tree.kind() == Node::Kind::mapping);
  CHECK(tree.at("name").text() == "root");
  CHECK(tree.at("name").line() == 2);
  CHECK(tree.at("uses").texts() == std::vector<std::string>{"a", "b"});
  CHECK(tree.at("days").integer() == 30);
  CHECK(tree.at("ca").boolean());
  CHECK(tree.members().at(2).first == "days");
  CHECK(tree.find("absent") == nullptr);
}

TEST_CASE("an empty text is a null node") {
  CHECK(parse("", "x").kind() == Node::Kind::null);
  CHECK(parse("# only a comment\n", "x").kind() == Node::Kind::null);
}

TEST_CASE("a text that looks like a number stays text until asked") {
  const Node tree = parse("oid: 2.5.29.15\nzero: 007\nyes: yes\n", "x");
  CHECK(tree.at("oid").text() == "2.5.29.15");
  CHECK(tree.at("zero").text() == "007");
  CHECK_THROWS_AS(tree.at("zero").integer(), Error);
  CHECK_THROWS_AS(tree.at("yes").boolean(), Error);
  CHECK_THROWS_AS(tree.at("oid").integer(), Error);
}

TEST_CASE("whole numbers have a sign, digits and nothing else") {
  const Node tree = parse("[-5, 9223372036854775807, 9223372036854775808, 0x10, '', 1 2]", "x");
  CHECK(tree.items()[0].integer() == -5);
  CHECK(tree.items()[1].integer() == INT64_MAX);
  for (std::size_t i = 2; i < 6; ++i) CHECK_THROWS_AS(tree.items()[i].integer(), Error);
}

TEST_CASE("complaints name source and line") {
  const Node tree = parse("a: 1\nb:\n  c: [x]\n", "dir/p.yaml");
  CHECK(complaint([&] { (void)tree.at("b").at("c").text(); }) ==
        "dir/p.yaml:3: a single value is expected, not a list");
  CHECK(complaint([&] { (void)tree.at("a").items(); }) ==
        "dir/p.yaml:1: a list is expected, not a single value");
  CHECK(complaint([&] { (void)tree.at("d"); }) == "dir/p.yaml:1: \"d\" is missing");
}

TEST_CASE("an unknown name is refused with the nearest known one") {
  const Node tree = parse("name: x\nkey_usge: []\n", "p");
  CHECK(complaint([&] {
          tree.allow_only({"name", "key_usage"});
        }) == "p:2: \"key_usge\" is not known here; did you mean \"key_usage\"?");
  CHECK(complaint([&] {
          tree.allow_only({"name", "other"});
        }) == "p:2: \"key_usge\" is not known here");
}

TEST_CASE("what YAML could hide is refused") {
  CHECK(verdict("a: &x 1\nb: *x\n") == "x.yaml:1: anchors are not allowed");
  CHECK(verdict("a: &x [1]\n") == "x.yaml:1: anchors are not allowed");
  CHECK(verdict("a: &x\n") == "x.yaml:1: anchors are not allowed");
  CHECK(verdict("a: !!str 1\n") == "x.yaml:1: tags are not allowed");
  CHECK(verdict("a: !thing {b: c}\n") == "x.yaml:1: tags are not allowed");
  CHECK(verdict("a: 1\nb: 2\na: 3\n") == "x.yaml:3: \"a\" stands here twice");
  CHECK(verdict("a: {b: 1, 'b': 2}\n") == "x.yaml:1: \"b\" stands here twice");
  CHECK(verdict("<<: {b: 1}\n") == "x.yaml:1: merge keys are not allowed");
  CHECK(verdict("a: 1\n---\nb: 2\n") == "x.yaml:3: more than one document");
  CHECK(verdict("? [a]\n: b\n") == "x.yaml:1: a name must be a single value");
  CHECK_THAT(verdict("~: b\n"), ContainsSubstring("a name is missing"));
}

TEST_CASE("an undefined alias is an error with its line") {
  CHECK_THAT(verdict("a: 1\nb: *nobody\n"), ContainsSubstring("x.yaml:2: "));
}

TEST_CASE("broken YAML is an error with its line") {
  CHECK_THAT(verdict("a: [1, 2\n"), ContainsSubstring("x.yaml:"));
  CHECK_THAT(verdict("a: b: c\n"), ContainsSubstring("x.yaml:1: "));
  CHECK_THAT(verdict("a: 'open\n"), ContainsSubstring("x.yaml:"));
  CHECK_THAT(verdict("a: \"open"), ContainsSubstring("x.yaml:"));
  CHECK_THAT(verdict("a: \"\\q\"\n"), ContainsSubstring("x.yaml:1: "));
}

TEST_CASE("a comment is none where its sign is a letter of a scalar") {
  const auto value_of = [](const std::string& text) {
    return parse(text, "x.yaml").at("a").text();
  };
  CHECK(value_of("# one\n  # two\na: b  # three\n#") == "b");
  CHECK(value_of("a: 'b'\n# \"\nb: \"c\"\n") == "b");
  CHECK(value_of("a: |\n  b\n  # c\n") == "b\n# c\n");
  CHECK(value_of("a: >\n  b\n  # c\n") == "b # c\n");
  CHECK(value_of("a: \"b\n  # c\"\n") == "b # c");
  CHECK(value_of("a: 'b\n  # c'\n") == "b # c");
  CHECK(value_of("a: \"b\\\"\n  # c\"\n") == "b\" # c");
  CHECK(value_of("it's: 'x\n  # y'\na: b\n") == "b");
  CHECK(parse("it's: 'x\n  # y'\n", "x.yaml").at("it's").text() == "x # y");
  CHECK(parse("a: [it's, 'x\n  # y']\n", "x.yaml").at("a").items().back().text() == "x # y");
  CHECK_THAT(verdict("a: b\n  # c\n  d\n"), ContainsSubstring("x.yaml:3"));
}

TEST_CASE("control characters are refused, written or escaped") {
  CHECK(verdict(std::string("a: b\nc\x04: d\n")) == "x.yaml:2: a control character");
  CHECK(verdict(std::string("a: b\0c\n", 7)) == "x.yaml:1: a control character");
  CHECK(verdict("a: \"b\\0c\"\n") == "x.yaml:1: a control character");
  CHECK(verdict("a: \"\\x1b[2J\"\n") == "x.yaml:1: a control character");
}

TEST_CASE("text that is not UTF-8 is refused") {
  CHECK(verdict("a: \xff\n") == "x.yaml:1: not UTF-8");
}

TEST_CASE("nesting of 32 is read, of 33 refused, of 100000 harmless") {
  CHECK(verdict(nested(32)) == "accepted");
  CHECK(verdict(nested(33)) == "x.yaml:1: nested more than 32 deep");
  CHECK(verdict(nested(100000)) == "x.yaml:1: nested more than 32 deep");
}

TEST_CASE("more than 1 MiB is refused before it is read") {
  CHECK(verdict(std::string((1 << 20) + 1, '#')) == "x.yaml:1: larger than 1 MiB");
}

TEST_CASE("any truncation of a document is a tree or an Error") {
  const std::string whole =
      "a: [1, {b: 'c', d: \"e\\n\"}]\nf: |\n  text\n  more\ng: >-\n  folded\n";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    try {
      (void)parse(whole.substr(0, size), "t");
    } catch (const Error&) {
    }
  }
  CHECK(parse(whole, "t").at("f").text() == "text\nmore\n");
}
