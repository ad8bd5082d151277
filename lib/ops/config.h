// The configuration as data: one table of settings with names, defaults and words, from which
// tsp.yaml is written, read and explained. Files and environment are read by the application.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/symmetric.h"
#include "yaml/tree.h"

namespace tsp::ops {

// One setting: dotted name ("tsa.clock"), default as text, comment for tsp.yaml.
struct SettingInfo {
  std::string_view name, fallback, comment;
};
const std::vector<SettingInfo>& known_settings();

struct Value {
  std::string text;
  std::string origin;  // "default", "/etc/tsp/tsp.yaml:12", "environment TSP_…", "--option"
};

// Later sources override earlier ones. Unknown names and impossible values are Error{bad_input}
// with file and line, offering the nearest name.
class Config {
 public:
  Config();                            // all defaults
  void merge(const yaml::Node& tree);  // nested mappings: tsa: {clock: trusted}
  void set(const std::string& name, const std::string& text, const std::string& origin);

  const std::string& text(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  bool boolean(std::string_view name) const;
  std::chrono::seconds duration(std::string_view name) const;  // "12h", "72h", "30d", "5m", "10s"
  const std::map<std::string, Value, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, Value, std::less<>> values_;
};

// "12h", "72h", "30d", "5m", "10s".
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

// tsp.yaml with every setting commented, those given spelled out.
std::string commented_yaml(const std::map<std::string, std::string>& given);

}  // namespace tsp::ops
