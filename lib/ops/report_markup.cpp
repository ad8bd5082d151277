#include "ops/report_markup.h"

#include <fmt/format.h>

#include "base/text.h"

namespace tsp::ops {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string element(std::string_view name, std::string_view text) {
  return fmt::format("<{0}>{1}</{0}>", name, escaped(text));
}

std::string for_people(const std::optional<Time>& time) {
  if (!time) return {};
  std::string text = to_rfc3339(*time);
  text[text.find('T')] = ' ';
  text.back() = ' ';
  return text + "UTC";
}

}  // namespace tsp::ops
