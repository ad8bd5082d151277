#include "yaml/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tsp::yaml {
namespace {

// Levenshtein distance, for "did you mean".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

std::string suggestion(std::string_view name, const std::vector<std::string_view>& names) {
  if (name.size() > 64) return {};
  const std::string_view* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& known : names) {
    const std::size_t d = distance(name, known);
    if (d < least) {
      least = d;
      nearest = &known;
    }
  }
  return nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string();
}

std::string_view name_of(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::mapping:
      break;
  }
  return "a mapping";
}

}  // namespace

void Node::refuse(const std::string& why) const {
  throw Error(Fault::bad_input, fmt::format("{}:{}", *source_, line_), why);
}

const std::string& Node::text() const {
  if (kind_ != Kind::scalar)
    refuse(fmt::format("a single value is expected, not {}", name_of(kind_)));
  return text_;
}

std::int64_t Node::integer() const {
  const std::string& digits = text();
  const std::string_view magnitude =
      std::string_view(digits).substr(digits.starts_with('-') ? 1 : 0);
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value);
  const bool leading_zero = magnitude.size() > 1 && magnitude.front() == '0';
  if (error != std::errc() || stopped != end || leading_zero)
    refuse(fmt::format("\"{}\" is not a whole number", digits));
  return value;
}

bool Node::boolean() const {
  const std::string& word = text();
  if (word != "true" && word != "false")
    refuse(fmt::format("\"{}\" is neither true nor false", word));
  return word == "true";
}

const std::vector<Node>& Node::items() const {
  if (kind_ != Kind::sequence) refuse(fmt::format("a list is expected, not {}", name_of(kind_)));
  return items_;
}

const std::vector<std::pair<std::string, Node>>& Node::members() const {
  if (kind_ != Kind::mapping) refuse(fmt::format("a mapping is expected, not {}", name_of(kind_)));
  return members_;
}

std::vector<std::string> Node::texts() const {
  std::vector<std::string> all;
  for (const Node& item : items()) all.push_back(item.text());
  return all;
}

const Node* Node::find(std::string_view key) const {
  for (const auto& member : members())
    if (member.first == key) return &member.second;
  return nullptr;
}

const Node& Node::at(std::string_view key) const {
  const Node* found = find(key);
  if (!found) refuse(fmt::format("\"{}\" is missing", key));
  return *found;
}

void Node::allow_only(const std::vector<std::string_view>& names) const {
  for (const auto& member : members())
    if (std::find(names.begin(), names.end(), member.first) == names.end())
      member.second.refuse(
          fmt::format("\"{}\" is not known here{}", member.first, suggestion(member.first, names)));
}

}  // namespace tsp::yaml
