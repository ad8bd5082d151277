// Catch2 is v2 on Debian 12 and v3 on Debian 13; tests include this header and see no difference.
#pragma once
#ifdef TSP_CATCH2_V3
#include <catch2/catch_all.hpp>
using Catch::Matchers::ContainsSubstring;
#else
#include <catch2/catch.hpp>
inline auto ContainsSubstring(const std::string& text) {
  return Catch::Matchers::Contains(text);
}
#endif
