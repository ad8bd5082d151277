#include "validation/pdf_date.h"

#include <algorithm>
#include <string>

namespace tsp::validation {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes `width` digits off the front; nothing when they are not there.
std::optional<int> take(std::string_view& text, std::size_t width) {
  if (text.size() < width || !std::ranges::all_of(text.substr(0, width), is_digit))
    return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, width)) value = value * 10 + (c - '0');
  text.remove_prefix(width);
  return value;
}

// Z, +HH'mm', +HH'mm, +HH', +HH or nothing at all; in minutes.
std::optional<int> offset_of(std::string_view text) {
  if (text.empty()) return 0;
  const char sign = text.front();
  text.remove_prefix(1);
  std::string digits(text);
  std::erase(digits, '\'');
  std::string_view rest = digits;
  const int hours = take(rest, 2).value_or(0), minutes = take(rest, 2).value_or(0);
  if (!rest.empty() || hours > 23 || minutes > 59) return std::nullopt;
  if (sign == 'Z') return hours == 0 && minutes == 0 ? std::optional(0) : std::nullopt;
  if (sign != '+' && sign != '-') return std::nullopt;
  return (sign == '+' ? 1 : -1) * (hours * 60 + minutes);
}

}  // namespace

std::optional<Time> parse_pdf_date(std::string_view text) {
  if (text.starts_with("D:")) text.remove_prefix(2);
  std::string digits(text.substr(
      0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin())));
  const auto offset = offset_of(text.substr(digits.size()));
  if (!offset || digits.size() < 4 || digits.size() > 14 || digits.size() % 2 != 0)
    return std::nullopt;
  constexpr std::string_view kDefaults = "00000101000000";
  digits += kDefaults.substr(digits.size());
  const auto local = from_generalized_time(digits + "Z");
  if (!local) return std::nullopt;
  return *local - std::chrono::minutes(*offset);
}

}  // namespace tsp::validation
