// The PGP word list, checked by the fingerprint that everybody prints beside it.
#include "sam/fingerprint.h"

#include <set>
#include <sstream>

#include "crypto/digest.h"
#include "sam/words.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::sam;

namespace {

std::string spoken(std::string_view hex) {
  std::string out;
  const Bytes octets = *from_hex(hex);
  for (std::size_t place = 0; place < octets.size(); ++place)
    out += (place == 0 ? "" : " ") + std::string(word_of(octets[place], place));
  return out;
}

std::string small(std::string_view word) {
  std::string out(word);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

TEST_CASE("the example that goes with the PGP word list") {
  CHECK(spoken("e58294f2e9a227486e8b061b31cc528fd7fa3f19") ==
        "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa "
        "afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless");
}

TEST_CASE("the first and last words of both lists") {
  CHECK(spoken("0000") == "aardvark adroitness");
  CHECK(spoken("0101") == "absurd adviser");
  CHECK(spoken("fefe") == "woodlark yesteryear");
  CHECK(spoken("ffff") == "Zulu Yucatan");
}

TEST_CASE("all 512 words are distinct, and all but one in the order of the alphabet") {
  std::set<std::string> seen;
  for (std::size_t place = 0; place < 2; ++place)
    for (unsigned octet = 0; octet < 256; ++octet) {
      const std::string word = small(word_of(static_cast<std::uint8_t>(octet), place));
      CHECK_FALSE(word.empty());
      CHECK(seen.insert(word).second);
      if (octet > 0 && word != "apollo")  // which stands behind applicant
        CHECK(small(word_of(static_cast<std::uint8_t>(octet - 1), place)) < word);
    }
  CHECK(seen.size() == 512);
}

TEST_CASE("a digest is shown by its first and last eight hex digits") {
  CHECK(short_hex(crypto::sha256(as_bytes("hello"))) == "2cf24dba…938b9824");
}

TEST_CASE("a digest is spoken by the same octets") {
  CHECK(words_of(crypto::sha256(as_bytes("hello"))) ==
        "Burbank vagabond dreadful puberty / playhouse Medusa printer Capricorn");
}

TEST_CASE("a short digest stands whole") {
  const Bytes sixteen = *from_hex("000102030405060708090a0b0c0d0e0f");
  CHECK(short_hex(sixteen) == "000102030405060708090a0b0c0d0e0f");
  CHECK(words_of(*from_hex("0001ff")) == "aardvark adviser Zulu");
  Bytes seventeen = sixteen;
  seventeen.push_back(0x10);
  CHECK(short_hex(seventeen) == "00010203…0d0e0f10");
  CHECK(short_hex({}).empty());
  CHECK(words_of({}).empty());
}
