#include <fmt/format.h>

#include "base/files.h"
#include "help.h"
#include "invocation.h"

namespace tsp::app {
namespace {

// tsp help [--man] [NOUN [VERB]]
int run_help(Invocation& run) {
  std::string path;
  for (const std::string& word : run.texts("COMMAND")) path += (path.empty() ? "" : " ") + word;
  const Command* command = find_command(path);
  bool is_noun = path.empty();
  std::vector<std::string> names;
  for (const Command& each : commands()) {
    names.emplace_back(each.path);
    if (each.path.starts_with(path + " ")) is_noun = true;
  }
  if (command == nullptr && !is_noun) {
    const std::string near = nearest(path, names);
    throw Error(Fault::usage, "there is no command " + path,
                near.empty() ? "" : "did you mean " + near + "?", "see tsp help");
  }
  if (run.flag("--man")) {
    if (command == nullptr && !path.empty())
      throw Error(Fault::usage, "there is no page for " + path, "a page is for one command");
    run.terminal.out_raw(as_bytes(man_page(command)));
  } else if (run.terminal.json) {
    Json list = Json::array();
    for (const Command& each : commands())
      if (path.empty() || each.path == path || each.path.starts_with(path + " "))
        list.push_back({{"command", each.path},
                        {"summary", each.summary},
                        {"usage", synopsis(each)},
                        {"exits", exits_of(each)},
                        {"changes_state", each.changes_state}});
    run.terminal.out_json(Json{{"commands", list}});
  } else if (command != nullptr) {
    print_help(run.terminal, *command);
  } else {
    print_overview(run.terminal, path);
  }
  return 0;
}

int run_version(Invocation& run) {
  if (run.terminal.json)
    run.terminal.out_json(Json{{"name", "tsp"}, {"version", TSP_VERSION}});
  else
    run.terminal.out("tsp " TSP_VERSION);
  return 0;
}

int run_completion(Invocation& run) {
  const std::string script = completion_script(run.text("SHELL"));
  if (run.terminal.json)
    run.terminal.out_json(Json{{"shell", run.text("SHELL")}, {"script", script}});
  else
    run.terminal.out_raw(as_bytes(script));
  return 0;
}

}  // namespace

std::vector<Command> help_commands() {
  return {
      {.path = "version",
       .summary = "print the program's version",
       .details = "Prints the version and nothing else. The same comes with tsp --version.",
       .operands = {},
       .options = {},
       .exits = {},
       .examples = {"tsp version", "tsp version --json", "tsp --version"},
       .opens_tsp = false,
       .run = &run_version},
      {.path = "help",
       .summary = "explain a command",
       .details = "Without a command it lists all of them. The same text comes with --help or -h.",
       .operands = {{"COMMAND", Count::any, "the command's words, or a noun alone"}},
       .options = {{"--man", "", "print the manual page as troff", Takes::nothing}},
       .exits = {},
       .examples = {"tsp help", "tsp help key generate", "tsp help --man sign | man -l -"},
       .opens_tsp = false,
       .run = &run_help},
      {.path = "completion",
       .summary = "print a completion script for a shell",
       .details = "Packages install these scripts; this prints them for other places.",
       .operands = {{"SHELL", Count::one, "bash, zsh or fish"}},
       .options = {},
       .exits = {},
       .examples = {"tsp completion bash > ~/.local/share/bash-completion/completions/tsp"},
       .opens_tsp = false,
       .run = &run_completion},
  };
}

}  // namespace tsp::app
