// What sub-indications mean, in words for people: in reports and on the terminal.
#pragma once

#include <string_view>

namespace tsp::ops {

// "the signing certificate was revoked before …": a sentence without a full stop for each
// sub-indication of EN 319 102-1, table 5 and 6; empty for others.
std::string_view explain(std::string_view sub_indication);

}  // namespace tsp::ops
