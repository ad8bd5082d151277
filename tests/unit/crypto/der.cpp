#include "crypto/der.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <memory>
#include <random>

#include "base/error.h"
#include "crypto/algorithms.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::crypto;

namespace {

Bytes from(std::string_view text) {
  return from_hex(text).value();
}

std::string hex_of(const Bytes& bytes) {
  return to_hex(bytes);
}

// SEQUENCE { INTEGER, SEQUENCE { OID, NULL }, [0] { UTF8String }, OCTET STRING of 300 octets }
Bytes sample() {
  return der::sequence(der::integer(-129), der::sequence(der::oid("1.2.840.113549"), der::null()),
                       der::wrap(der::context(0), der::utf8("été")),
                       der::octet_string(Bytes(300, 0x5a)));
}

// Walks everything there is; true when all of it is well formed.
bool walk(ByteView content, int depth = 0) {
  const auto elements = der::children(content);
  if (!elements || depth > 8) return false;
  for (const der::Element& element : *elements) {
    REQUIRE(element.whole.data() >= content.data());
    REQUIRE(element.whole.data() + element.whole.size() <= content.data() + content.size());
    REQUIRE(element.content.data() + element.content.size() ==
            element.whole.data() + element.whole.size());
    if ((element.tag & 0x20) != 0 && !walk(element.content, depth + 1)) return false;
    if (element.tag == der::kOid) der::dotted(element.content);
  }
  return true;
}

}  // namespace

TEST_CASE("integers take the fewest octets of two's complement (X.690 8.3)") {
  CHECK(hex_of(der::integer(0)) == "020100");
  CHECK(hex_of(der::integer(127)) == "02017f");
  CHECK(hex_of(der::integer(128)) == "02020080");
  CHECK(hex_of(der::integer(256)) == "02020100");
  CHECK(hex_of(der::integer(-1)) == "0201ff");
  CHECK(hex_of(der::integer(-128)) == "020180");
  CHECK(hex_of(der::integer(-129)) == "0202ff7f");
  CHECK(hex_of(der::integer(INT64_MIN)) == "02088000000000000000");
  CHECK(hex_of(der::integer(INT64_MAX)) == "02087fffffffffffffff");
}

TEST_CASE("magnitudes are positive whatever their first bit, and lose leading zeros") {
  CHECK(hex_of(der::unsigned_integer({})) == "020100");
  CHECK(hex_of(der::unsigned_integer(from("0000"))) == "020100");
  CHECK(hex_of(der::unsigned_integer(from("007f"))) == "02017f");
  CHECK(hex_of(der::unsigned_integer(from("80"))) == "02020080");
}

TEST_CASE("lengths are in shortest form at every border") {
  CHECK(hex_of(der::octet_string(Bytes(127, 0))).substr(0, 4) == "047f");
  CHECK(hex_of(der::octet_string(Bytes(128, 0))).substr(0, 6) == "048180");
  CHECK(hex_of(der::octet_string(Bytes(255, 0))).substr(0, 6) == "0481ff");
  CHECK(hex_of(der::octet_string(Bytes(256, 0))).substr(0, 8) == "04820100");
  CHECK(hex_of(der::octet_string(Bytes(65536, 0))).substr(0, 10) == "0483010000");
}

TEST_CASE("object identifiers go both ways, UUID arcs of 128 bits too") {
  const std::string dotted =
      GENERATE("0.0", "0.39", "1.2.840.113549.1.1.11", "2.999", "2.16.840.1.101.3.4.2.1",
               "2.25.340282366920938463463374607431768211455", "2.5.29.15", "1.3.101.112");
  const Bytes encoded = der::oid(dotted);
  CHECK(der::dotted(der::first(encoded)->content) == dotted);
}

TEST_CASE("object identifiers have the octets of X.690 8.19.5 and X.667") {
  CHECK(hex_of(der::oid("2.999.3")) == "0603883703");
  CHECK(hex_of(der::oid("2.25.329800735698586629295641978511506172918")) ==
        "06146983f09da7ebcfdee0c7a1a7b2c0948cc8f9d776");
}

TEST_CASE("nonsense is no object identifier") {
  const std::string text = GENERATE("", "1", "1.2.", "1..2", "3.1", "1.40", "a.b", "1.2.-3", "1 2");
  CHECK_THROWS_AS(der::oid(text), Error);
}

TEST_CASE("object identifiers are what OpenSSL reads and writes") {
  std::mt19937 random(20261130);
  const auto below = [&](unsigned end) { return static_cast<unsigned>(random() % end); };
  for (int round = 0; round < 20000; ++round) {
    Bytes content(1 + below(7));
    for (std::uint8_t& octet : content) {
      octet = static_cast<std::uint8_t>(random());
      if (below(2) == 0) octet = below(4) == 0 ? 0x80 : octet & 0x7f;
    }
    const Bytes whole = der::tlv(der::kOid, content);
    const std::uint8_t* at = whole.data();
    const std::unique_ptr<ASN1_OBJECT, Release<&ASN1_OBJECT_free>> object(
        d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(whole.size())));
    char text[256] = "";
    if (object) OBJ_obj2txt(text, sizeof text, object.get(), 1);
    INFO(hex_of(content));
    REQUIRE(der::dotted(content) == text);
    if (object) REQUIRE(der::oid(text) == whole);
  }
  for (int round = 0; round < 20000; ++round) {
    std::string text = std::to_string(below(4));
    for (unsigned arcs = below(4); arcs > 0; --arcs)
      text += (below(20) == 0 ? ".0" : ".") + std::to_string(random() >> below(32));
    std::uint8_t content[64];
    const int size = a2d_ASN1_OBJECT(content, sizeof content, text.c_str(), -1);
    INFO(text);
    Bytes ours;
    try {
      ours = der::oid(text);
    } catch (const Error&) {
    }
    REQUIRE(ours ==
            (size > 0 ? der::tlv(der::kOid, {content, static_cast<std::size_t>(size)}) : Bytes()));
  }
  ERR_clear_error();
}

TEST_CASE("a damaged object identifier has no dotted form") {
  const std::string content = GENERATE("", "80", "2a80", "2a8001", "2a86");
  CHECK(der::dotted(from(content)).empty());
  CHECK(der::dotted(Bytes(5000, 0x81)).empty());
}

TEST_CASE("members of a SET OF are sorted by their octets (X.690 11.6)") {
  CHECK(hex_of(der::set_of({der::integer(5), der::null(), der::integer(2)})) ==
        "3108"
        "020102"
        "020105"
        "0500");
  CHECK(hex_of(der::set_of({}, der::context(0))) == "a000");
}

TEST_CASE("times and truth values have their DER form") {
  CHECK(as_text(ByteView(der::generalized_time(*from_rfc3339("2026-11-21T09:30:00.999Z")))
                    .subspan(2)) == "20261121093000Z");
  CHECK(hex_of(der::boolean(true)) == "0101ff");
  CHECK(hex_of(der::boolean(false)) == "010100");
}

TEST_CASE("what the writer wrote, the walker splits") {
  const Bytes bytes = sample();
  const auto outer = der::first(bytes);
  REQUIRE(outer);
  CHECK(outer->tag == der::kSequence);
  CHECK(outer->whole.size() == bytes.size());
  const auto members = der::children(outer->content);
  REQUIRE(members);
  REQUIRE(members->size() == 4);
  CHECK((*members)[0].tag == der::kInteger);
  CHECK((*members)[2].tag == 0xa0);
  CHECK((*members)[3].content.size() == 300);
}

TEST_CASE("forms that DER forbids are refused") {
  const std::string bytes = GENERATE("", "30", "3080", "30800000",  // indefinite length
                                     "04810100", "0481 7f",         // longer form than needed
                                     "0482 0080", "0485 0000000001", "04ff", "1f8101 00", "0402 00",
                                     "0484 ffffffff", "0484 00000001 00");
  std::string packed;
  for (char c : bytes)
    if (c != ' ') packed.push_back(c);
  CHECK_FALSE(der::first(from(packed)));
}

TEST_CASE("children() refuses leftovers") {
  Bytes two = der::null();
  append(two, der::null());
  CHECK(der::children(two)->size() == 2);
  two.push_back(0x30);
  CHECK_FALSE(der::children(two));
  CHECK(der::children({})->empty());
}

TEST_CASE("no truncation of a structure is well formed") {
  const Bytes bytes = sample();
  for (std::size_t size = 1; size < bytes.size(); ++size)
    CHECK_FALSE(walk(ByteView(bytes).first(size)));
}

TEST_CASE("every octet changed in every way stays inside its bounds") {
  const Bytes bytes = sample();
  for (std::size_t at = 0; at < 40; ++at)
    for (int value = 0; value < 256; ++value) {
      Bytes damaged = bytes;
      damaged[at] = static_cast<std::uint8_t>(value);
      walk(damaged);
    }
  SUCCEED();
}
