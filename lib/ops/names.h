// The names that people give signers, groups and what they trust.
#pragma once

#include <algorithm>
#include <string_view>

namespace tsp::ops {

// 1 to 64 of a-z 0-9 . _ - and of `more`; begins with a letter or digit.
inline bool is_name(std::string_view text, std::string_view more = {}) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto fits = [&](char c) {
    return plain(c) || c == '.' || c == '_' || c == '-' || more.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= 64 && plain(text.front()) &&
         std::ranges::all_of(text, fits);
}

}  // namespace tsp::ops
