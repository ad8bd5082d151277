// Text from certificates and documents, made safe to show.
#pragma once

#include <string>
#include <string_view>

namespace tsp {

bool is_utf8(std::string_view text);
// For people: control characters, bidirectional overrides and invalid octets become U+FFFD, so that
// no name can move the cursor or hide what follows.
std::string printable(std::string_view text);
// The code points of valid UTF-8; invalid octets give U+FFFD.
std::u32string code_points(std::string_view text);
std::string to_utf8(std::u32string_view points);

}  // namespace tsp
