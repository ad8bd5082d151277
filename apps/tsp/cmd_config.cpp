#include <fmt/format.h>

#include "base/text.h"
#include "invocation.h"

namespace tsp::app {
namespace {

int run_config_show(Invocation& run) {
  const bool origin = run.flag("--origin");
  const auto& values = run.config().all();
  if (run.terminal.json) {
    Json settings = Json::object();
    for (const auto& [name, value] : values) {
      if (origin)
        settings[name] = {{"value", value.text}, {"origin", value.origin}};
      else
        settings[name] = value.text;
    }
    run.terminal.out_json(Json{{"home", run.home().path}, {"settings", settings}});
    return 0;
  }
  for (const auto& [name, value] : values) {
    const std::string line = fmt::format("{} = {}", name, printable(value.text));
    run.terminal.out(origin ? fmt::format("{:<50} {}", line, value.origin) : line);
  }
  return 0;
}

}  // namespace

std::vector<Command> config_commands() {
  return {{.path = "config show",
           .summary = "print the settings in force",
           .details =
               "Flag, environment, HOME/tsp.yaml, /etc/tsp/tsp.yaml and built-in defaults, in this "
               "order. The current directory is never looked at.",
           .operands = {},
           .options = {{"--origin", "", "where each value comes from", Takes::nothing}},
           .exits = {11, 13},
           .examples = {"tsp config show --origin"},
           .opens_tsp = false,
           .run = &run_config_show}};
}

}  // namespace tsp::app
