#include "serve/http_caching.h"

#include <fmt/format.h>

#include "crypto/digest.h"

namespace tsp::serve {
namespace {

constexpr int kOk = 200;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The one form that is written today (RFC 9110 5.6.7); a condition in another is passed over.
std::optional<Time> from_http_date(std::string_view text) {
  constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != kForm.size() || text.substr(3, 2) != ", " || !text.ends_with(" GMT"))
    return std::nullopt;
  const auto month = kMonths.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  return from_rfc3339(fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month / 3 + 1,
                                  text.substr(5, 2), text.substr(17, 8)));
}

// Weakly compared (RFC 9110 8.8.3.2). Tags of ours have no comma.
bool names(std::string_view list, std::string_view tag) {
  if (trimmed(list) == "*") return true;
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view one = trimmed(list.substr(0, comma));
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == tag) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

bool has_it(const Condition& condition, const std::string& tag, const Answer& answer) {
  if (!condition.none_match.empty()) return names(condition.none_match, tag);
  const auto since = from_http_date(condition.modified_since);
  return since && answer.last_modified && from_unix(*answer.last_modified) <= *since;
}

}  // namespace

std::string entity_tag(ByteView body) {
  constexpr std::size_t kShown = 32;
  return '"' + to_hex(crypto::sha256(body)).substr(0, kShown) + '"';
}

std::vector<std::pair<std::string, std::string>> caching_fields(
    Answer& answer, const std::optional<Condition>& condition, Time now) {
  std::vector<std::pair<std::string, std::string>> fields{{"Date", to_http_date(now)}};
  if (!answer.max_age) {
    fields.emplace_back("Cache-Control", "no-store");
    return fields;
  }
  fields.emplace_back("Cache-Control", "public, no-transform, must-revalidate, max-age=" +
                                           std::to_string(*answer.max_age));
  fields.emplace_back("Expires", to_http_date(now + std::chrono::seconds(*answer.max_age)));
  if (answer.last_modified)
    fields.emplace_back("Last-Modified", to_http_date(from_unix(*answer.last_modified)));
  if (!condition || answer.status != kOk) return fields;
  const std::string tag = answer.tag.empty() ? entity_tag(answer.octets()) : answer.tag;
  fields.emplace_back("ETag", tag);
  if (has_it(*condition, tag, answer)) {
    answer.status = kNotModified;
    answer.body.clear();
    answer.shared.reset();
  }
  return fields;
}

}  // namespace tsp::serve
