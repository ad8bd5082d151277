#include "base/error.h"
#include "support/catch.h"
#include "xml/document.h"

using namespace tsp;

namespace {

xml::Document parse(std::string_view text, const xml::Limits& limits = {}) {
  return xml::Document::parse(as_bytes(text), "the test", limits);
}

std::string refusal(std::string_view text, const xml::Limits& limits = {}) {
  try {
    parse(text, limits);
  } catch (const Error& error) {
    CHECK(error.fault == Fault::bad_input);
    return error.why;
  }
  return "taken";
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("elements, attributes and text are read") {
  const auto document = parse(
      R"(<?xml version="1.0" encoding="UTF-8"?><a xmlns="urn:a" xmlns:b="urn:b" x="1" b:x="2">
         one<!-- no --> two <![CDATA[<three>]]> <c/><b:c>&lt;&#65;</b:c></a>)");
  const xml::Element root = document.root();
  CHECK(root.is("urn:a", "a"));
  CHECK(root.attribute("x") == "1");
  CHECK(root.attribute("urn:b", "x") == "2");
  CHECK_FALSE(root.attribute("y"));
  CHECK(root.text() == "one two <three>");
  CHECK(root.children().size() == 2);
  CHECK(root.children("urn:b", "c").front().text() == "<A");
  CHECK_FALSE(root.child("", "c"));
  CHECK(document.all().size() == 3);
}

TEST_CASE("base64 may be broken over lines") {
  CHECK(parse("<a>\n aGVs\n bG8=\n</a>").root().base64() == to_bytes(as_bytes("hello")));
  CHECK_FALSE(parse("<a>aGVsbG8</a>").root().base64());
}

TEST_CASE("a document type is refused, whatever it declares") {
  CHECK(refusal("<!DOCTYPE a><a/>") == "it has a DOCTYPE");
  CHECK(refusal("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>") == "it has a DOCTYPE");
  CHECK(refusal("<!DOCTYPE a [<!ENTITY x SYSTEM 'http://127.0.0.1:1/'>]><a>&x;</a>") ==
        "it has a DOCTYPE");
}

TEST_CASE("a bomb of entities does not go off") {
  std::string bomb = "<!DOCTYPE a [<!ENTITY e0 'ha'>";
  for (int i = 1; i < 40; ++i)
    bomb += "<!ENTITY e" + std::to_string(i) + " '" +
            repeated("&e" + std::to_string(i - 1) + ";", 10) + "'>";
  CHECK(refusal(bomb + "]><a>&e39;</a>") == "it has a DOCTYPE");
}

TEST_CASE("an entity that nobody declared is refused") {
  CHECK(refusal("<a>&x;</a>") == "it is not well-formed");
}

TEST_CASE("processing instructions are refused") {
  CHECK(refusal("<?xml-stylesheet href='http://127.0.0.1/'?><a/>") ==
        "it has a processing instruction");
  CHECK(refusal("<a><?php x?></a>") == "it has a processing instruction");
}

TEST_CASE("other encodings than UTF-8 are refused") {
  CHECK(refusal("<?xml version='1.0' encoding='ISO-8859-1'?><a/>") == "its encoding is not UTF-8");
  CHECK(refusal("<?xml version='1.0' encoding='UTF-7'?><a/>") == "its encoding is not UTF-8");
  CHECK(refusal("<a>\xe4</a>") == "its encoding is not UTF-8");
  CHECK(refusal(std::string_view("\xff\xfe<\0a\0/\0>\0", 10)) == "its encoding is not UTF-8");
  CHECK(refusal(std::string_view("<\0a\0/\0>\0", 8)) == "its encoding is not UTF-8");
  CHECK(refusal("\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><a/>") == "taken");
}

TEST_CASE("what is not well-formed is refused, not repaired") {
  for (const char* text :
       {"", " ", "a", "<a>", "<a></b>", "<a/><b/>", "<a x=1/>", "<a x='1' x='2'/>", "<b:a/>",
        "<a xmlns:x='urn:1' xmlns:y='urn:1' x:b='' y:b=''/>", "<a>\x01</a>", "<a>&#0;</a>", "<a/>x",
        "<!-- only -->"})
    CHECK(refusal(text) == "it is not well-formed");
}

TEST_CASE("size, depth and number of parts are limited") {
  xml::Limits limits;
  limits.size = 20;
  CHECK_THAT(refusal("<a>" + repeated("x", 30) + "</a>", limits),
             ContainsSubstring("larger than 20"));
  CHECK_THAT(refusal(repeated("<a>", 101) + repeated("</a>", 101)),
             ContainsSubstring("100 elements deep"));
  CHECK(refusal(repeated("<a>", 99) + repeated("</a>", 99)) == "taken");
  CHECK_THAT(refusal("<a>" + repeated("<b/>", 1'000'001) + "</a>"),
             ContainsSubstring("pieces of markup"));
}

TEST_CASE("an element of a hundred thousand attributes costs nothing") {
  std::string text = "<a";
  for (int i = 0; i < 100'000; ++i) text += " a" + std::to_string(i) + " = \n'>'";
  CHECK_THAT(refusal(text + "/>"), ContainsSubstring("256 attributes"));
}

TEST_CASE("a hundred thousand levels do not use the stack up") {
  CHECK(refusal(repeated("<a>", 100'000)) != "taken");
}

TEST_CASE("a hundred megabytes are refused at once") {
  CHECK_THAT(refusal(std::string(std::size_t{100} << 20, ' ') + "<a/>"),
             ContainsSubstring("larger than"));
}

TEST_CASE("what is removed is neither seen nor canonical") {
  auto document = parse("<a><b><c/></b>x<d/></a>");
  document.remove(*document.root().child("", "b"));
  CHECK(document.all().size() == 2);
  CHECK(as_text(document.canonical()) == "<a>x<d></d></a>");
}

TEST_CASE("exclusive canonicalisation declares a namespace where it is used") {
  // The example of W3C's Exclusive XML Canonicalization 1.0, section 2.2.
  const auto document = parse(
      "<n0:pdu xmlns:n0='http://a.example' xmlns:n1='http://b.example' xml:lang='fr' "
      "xml:space='retain'>\n<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\n"
      "<n3:stuff xmlns:n3=\"ftp://example.org\"/>\n</n1:elem2>\n</n0:pdu>");
  const auto inner = document.root().child("http://example.net", "elem2");
  CHECK(as_text(document.canonical(*inner)) ==
        "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\n"
        "<n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff>\n</n1:elem2>");
  CHECK(as_text(document.canonical(*inner, {"n0"})) ==
        "<n1:elem2 xmlns:n0=\"http://a.example\" xmlns:n1=\"http://example.net\" xml:lang=\"en\">\n"
        "<n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff>\n</n1:elem2>");
}

TEST_CASE("a relative namespace name has no canonical form") {
  CHECK_THROWS_AS(parse("<a xmlns='b/c'/>").canonical(), Error);
}
