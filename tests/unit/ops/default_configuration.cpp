// config/tsp.yaml, which is installed as the example of a configuration, says what holds.
#include <fstream>
#include <iterator>

#include "ops/config.h"
#include "support/catch.h"
#include "yaml/tree.h"

using namespace tsp;

namespace {

const std::string kFile = TSP_SOURCE_DIR "/config/tsp.yaml";

std::string installed() {
  std::ifstream in(kFile, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The same text with every setting in force: the `#` before `name: "value"` taken away.
std::string spelled_out(const std::string& text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    const std::size_t mark = line.find("# "), colon = line.find(": \"");
    if (mark != std::string::npos && colon != std::string::npos && line.back() == '"' &&
        line.find(' ', mark + 2) == colon + 1)
      line.erase(mark, 2);
    out += line + "\n";
    at = end + 1;
  }
  return out;
}

}  // namespace

TEST_CASE("the installed configuration is what the table of settings writes") {
  const std::string wanted = ops::commented_yaml({});
  const std::string fresh = TSP_BINARY_DIR "/tsp.yaml";
  if (wanted != installed()) std::ofstream(fresh, std::ios::binary) << wanted;
  INFO("cp " << fresh << " " << kFile);
  REQUIRE(installed() == wanted);
}

TEST_CASE("the installed configuration changes nothing") {
  ops::Config config;
  config.merge(yaml::parse(installed(), kFile));
  for (const auto& [name, value] : config.all()) CHECK(value.origin == "default");
}

TEST_CASE("what the installed configuration calls defaults are the defaults") {
  ops::Config config;
  config.merge(yaml::parse(spelled_out(installed()), kFile));
  const ops::Config defaults;
  for (const auto& [name, value] : config.all()) {
    INFO(name);
    CHECK(value.text == defaults.text(name));
    CHECK(value.origin != "default");
  }
}
