// Octets as words that are told apart by ear. For this room alone.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tsp::sam {

// The word of an octet at an even or odd place: two syllables or three, so that a word left out or
// exchanged with its neighbour is heard.
std::string_view word_of(std::uint8_t octet, std::size_t place);

}  // namespace tsp::sam
