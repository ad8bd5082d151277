// How a digest is shown to a person who compares two screens: the first and last eight hex digits,
// and the same eight octets as words (the PGP word list: even places two syllables, odd places
// three).
#pragma once

#include <string>

#include "base/bytes.h"

namespace tsp::sam {

// "2cf24dba…938b9824"; a digest of 16 octets or less stands whole.
std::string short_hex(ByteView digest);
// "Burbank vagabond dreadful puberty / playhouse Medusa printer Capricorn": first and last four
// octets in two groups; a digest of 16 octets or less stands whole, in one.
std::string words_of(ByteView digest);

}  // namespace tsp::sam
