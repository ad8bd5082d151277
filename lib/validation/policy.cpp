#include "validation/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "trust/path.h"

namespace tsp::validation {
namespace {

using yaml::Node;

struct RuleRow {
  Rule rule;
  std::string_view name;
  Level level;  // where a policy is silent
};
constexpr std::array<RuleRow, kRules> kRows{{
    {Rule::algorithms, "algorithms", Level::fail},
    {Rule::baseline, "baseline", Level::ignore},
    {Rule::certificate_identity, "certificate_identity", Level::warn},
    {Rule::claimed_time, "claimed_time", Level::warn},
    {Rule::key_usage, "key_usage", Level::fail},
    {Rule::revocation, "revocation", Level::fail},
    {Rule::revocation_freshness, "revocation_freshness", Level::fail},
    {Rule::signature_policy, "signature_policy", Level::warn},
    {Rule::timestamp_delay, "timestamp_delay", Level::fail},
    {Rule::timestamp_order, "timestamp_order", Level::fail},
    {Rule::timestamps, "timestamps", Level::warn},
}};

Level parse_level(const Node& node) {
  const std::string& text = node.text();
  if (text == "fail") return Level::fail;
  if (text == "warn") return Level::warn;
  if (text == "inform") return Level::inform;
  if (text == "ignore") return Level::ignore;
  node.refuse(fmt::format("\"{}\" is none of fail, warn, inform, ignore", text));
}

// A number and a unit: s, m (minutes), h, d.
std::chrono::seconds parse_duration(const Node& node) {
  const std::string& text = node.text();
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, count);
  const std::string_view units = "smhd";
  constexpr std::int64_t kSeconds[] = {1, 60, 3600, 86400};
  const std::size_t which = unit + 1 == end ? units.find(*unit) : std::string_view::npos;
  if (error != std::errc() || which == std::string_view::npos || count < 0 || count > 100'000)
    node.refuse(fmt::format("\"{}\" is no duration such as 90s, 30m, 24h or 7d", text));
  return std::chrono::seconds(count * kSeconds[which]);
}

bool is_dotted(std::string_view text) {
  return text.find_first_not_of("0123456789.") == std::string_view::npos && text.size() > 2 &&
         text.size() < 100 && text[0] <= '2' && text[1] == '.' &&
         text.find("..") == std::string_view::npos && text.back() != '.';
}

std::vector<std::string> parse_oids(const Node& tree, std::string_view name) {
  const Node* node = tree.find(name);
  if (node == nullptr) return {};
  for (const Node& item : node->items())
    if (!is_dotted(item.text()))
      item.refuse(fmt::format("\"{}\" is no object identifier such as 2.5.29.32.0", item.text()));
  return node->texts();
}

std::vector<std::string> parse_subtrees(const Node& tree, std::string_view name) {
  const Node* node = tree.find(name);
  if (node == nullptr) return {};
  for (const Node& item : node->items())
    if (!trust::is_subtree(item.text()))
      item.refuse(
          fmt::format("\"{}\" is no subtree such as email:example.com, dns:example.com "
                      "or dir:C=LU,O=Example",
                      item.text()));
  return node->texts();
}

bool parse_flag(const Node& tree, std::string_view name) {
  const Node* node = tree.find(name);
  return node != nullptr && node->boolean();
}

Policy::Path parse_path(const Node& tree) {
  tree.allow_only({"policies", "explicit_policy", "inhibit_policy_mapping", "inhibit_any_policy",
                   "permitted", "excluded"});
  Policy::Path out;
  out.policies = parse_oids(tree, "policies");
  out.explicit_policy = parse_flag(tree, "explicit_policy");
  out.inhibit_policy_mapping = parse_flag(tree, "inhibit_policy_mapping");
  out.inhibit_any_policy = parse_flag(tree, "inhibit_any_policy");
  out.permitted = parse_subtrees(tree, "permitted");
  out.excluded = parse_subtrees(tree, "excluded");
  return out;
}

void parse_signature(const Node& tree, Policy& out) {
  tree.allow_only({"level", "policies"});
  out.signature_policies = parse_oids(tree, "policies");
  const Node* level = tree.find("level");
  if (level == nullptr) return;
  out.least_level = level->text();
  if (out.least_level != "B-B" && out.least_level != "B-T" && out.least_level != "B-LT" &&
      out.least_level != "B-LTA")
    level->refuse(fmt::format("\"{}\" is none of B-B, B-T, B-LT, B-LTA", out.least_level));
}

void parse_revocation(const Node& tree, Policy& out) {
  tree.allow_only({"max_age", "timestamp_max_age"});
  if (const Node* age = tree.find("max_age")) out.max_age = parse_duration(*age);
  if (const Node* age = tree.find("timestamp_max_age"))
    out.timestamp_max_age = parse_duration(*age);
}

void parse_timing(const Node& tree, Policy& out) {
  tree.allow_only({"delay", "tolerance"});
  if (const Node* delay = tree.find("delay")) out.delay = parse_duration(*delay);
  if (const Node* tolerance = tree.find("tolerance")) out.tolerance = parse_duration(*tolerance);
}

void parse_algorithms(const Node& tree, crypto::Suite& suite) {
  const auto rows = crypto::Suite::rows();
  tree.allow_only({rows.begin(), rows.end()});
  for (const auto& [name, node] : tree.members()) {
    if (node.text() == "none") {
      suite.set_last_day(name, std::nullopt);
      continue;
    }
    const auto day = node.text().size() == 10 ? from_rfc3339(node.text()) : std::nullopt;
    if (!day)
      node.refuse(fmt::format("\"{}\" is no day such as 2028-12-31, nor none", node.text()));
    suite.set_last_day(name, std::chrono::floor<std::chrono::days>(*day));
  }
}

void parse_anchors(const Node& tree, Policy& out) {
  for (const Node& item : tree.items()) {
    item.allow_only({"sha256", "until"});
    const Node& digest = item.at("sha256");
    const auto octets = from_hex(digest.text());
    if (!octets || octets->size() != 32) digest.refuse("a SHA-256 has 64 hexadecimal digits");
    const Node& until = item.at("until");
    const auto time = from_rfc3339(until.text());
    if (!time) until.refuse(fmt::format("\"{}\" is no moment", until.text()));
    out.sunsets.push_back({to_hex(*octets), *time});
  }
}

void parse_constraints(const Node& tree, Policy& out) {
  std::vector<std::string_view> names;
  names.reserve(std::size(kRows));
  for (const RuleRow& row : kRows) names.push_back(row.name);
  tree.allow_only(names);
  for (const RuleRow& row : kRows)
    if (const Node* node = tree.find(row.name))
      out.levels[static_cast<std::size_t>(row.rule)] = parse_level(*node);
}

}  // namespace

std::string_view name_of(Rule rule) {
  return std::ranges::find(kRows, rule, &RuleRow::rule)->name;
}

Policy::Policy() {
  for (const RuleRow& row : kRows) levels[static_cast<std::size_t>(row.rule)] = row.level;
}

Policy parse_policy(const Node& tree) {
  tree.allow_only({"name", "description", "signature", "signers", "timestamping_units",
                   "revocation", "timestamps", "algorithms", "anchors", "constraints"});
  Policy out;
  out.name = tree.at("name").text();
  if (const Node* node = tree.find("description")) out.description = node->text();
  if (const Node* node = tree.find("signature")) parse_signature(*node, out);
  if (const Node* node = tree.find("signers")) out.signers = parse_path(*node);
  if (const Node* node = tree.find("timestamping_units")) out.timestamps = parse_path(*node);
  if (const Node* node = tree.find("revocation")) parse_revocation(*node, out);
  if (const Node* node = tree.find("timestamps")) parse_timing(*node, out);
  if (const Node* node = tree.find("algorithms")) parse_algorithms(*node, out.suite);
  if (const Node* node = tree.find("anchors")) parse_anchors(*node, out);
  if (const Node* node = tree.find("constraints")) parse_constraints(*node, out);
  return out;
}

}  // namespace tsp::validation
