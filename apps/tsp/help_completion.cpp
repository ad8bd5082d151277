#include <fmt/format.h>
#include <algorithm>
#include <map>

#include "base/error.h"
#include "help.h"

namespace tsp::app {
namespace {

std::string options_of(const Command& command) {
  std::string text;
  for (const OptionSpec& option : command.options) text += std::string(option.name) + " ";
  if (command.changes_state) text += "--dry-run ";
  return text;
}

std::string global_names() {
  std::string text;
  for (const OptionSpec& option : global_options()) text += std::string(option.name) + " ";
  return text;
}

// Nouns in order, each with its verbs; bare verbs have none.
std::vector<std::pair<std::string, std::vector<std::string>>> nouns() {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  for (const Command& command : commands()) {
    const auto space = command.path.find(' ');
    const std::string noun(command.path.substr(0, space));
    if (out.empty() || out.back().first != noun) out.emplace_back(noun, std::vector<std::string>{});
    if (space != std::string_view::npos)
      out.back().second.emplace_back(command.path.substr(space + 1));
  }
  return out;
}

std::string bash() {
  std::string cases, words;
  for (const auto& [noun, verbs] : nouns()) {
    words += noun + " ";
    if (!verbs.empty())
      cases += fmt::format("    \"{} \") candidates=\"{}\" ;;\n", noun, fmt::join(verbs, " "));
  }
  for (const Command& command : commands()) {
    const bool bare = command.path.find(' ') == std::string_view::npos;
    cases += fmt::format("    \"{}{}\") candidates=\"{}\" ;;\n", command.path, bare ? " " : "",
                         options_of(command) + global_names());
  }
  return fmt::format(R"(# bash completion for tsp; made by: tsp completion bash
_tsp() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" noun="" verb="" candidates="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${{COMP_WORDS[i]}}" in
      --home|--socket|--color) i=$((i + 1)) ;;
      -*) ;;
      *) if [ -z "$noun" ]; then noun="${{COMP_WORDS[i]}}"; elif [ -z "$verb" ]; then verb="${{COMP_WORDS[i]}}"; fi ;;
    esac
  done
  case "$noun $verb" in
    " ") candidates="{}{}" ;;
{}  esac
  if [ -z "$candidates" ]; then
    case "$noun " in
{}    esac
  fi
  if [[ "$current" == -* || "$noun" == "" || ( "$verb" == "" && "$candidates" != -* ) ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$current")
  fi
  if [ "${{#COMPREPLY[@]}}" -eq 0 ]; then mapfile -t COMPREPLY < <(compgen -f -- "$current"); fi
}}
complete -o filenames -F _tsp tsp
)",
                     words, global_names(), cases, cases);
}

std::string zsh() {
  std::string body;
  for (const auto& [noun, verbs] : nouns()) {
    if (verbs.empty()) continue;
    body += fmt::format("    {}) verbs=({}) ;;\n", noun, fmt::join(verbs, " "));
  }
  std::string options;
  for (const Command& command : commands())
    options +=
        fmt::format("    '{}') opts=({}) ;;\n", command.path, options_of(command) + global_names());
  std::string names;
  for (const Command& command : commands())
    if (command.path.find(' ') == std::string_view::npos)
      names += fmt::format("    '{}:{}'\n", command.path, command.summary);
  for (const auto& [noun, verbs] : nouns())
    if (!verbs.empty()) names += fmt::format("    '{}:{}'\n", noun, fmt::join(verbs, ", "));
  return fmt::format(R"(#compdef tsp
# zsh completion for tsp; made by: tsp completion zsh
_tsp() {{
  local -a nouns verbs opts
  nouns=(
{}  )
  local noun=${{words[2]}} verb=${{words[3]}}
  if (( CURRENT == 2 )); then _describe command nouns; return; fi
  case $noun in
{}  esac
  if (( CURRENT == 3 && ${{#verbs}} )); then _describe verb verbs; return; fi
  local path=$noun
  if (( ${{#verbs}} )); then path="$noun $verb"; fi
  case $path in
{}  esac
  if [[ ${{words[CURRENT]}} == -* ]]; then compadd -- $opts; else _files; fi
}}
_tsp "$@"
)",
                     names, body, options);
}

std::string fish_quoted(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return "'" + out + "'";
}

std::string fish() {
  std::string out = "# fish completion for tsp; made by: tsp completion fish\n";
  for (const auto& [noun, verbs] : nouns()) {
    const Command* bare = find_command(noun);
    const std::string about =
        bare != nullptr ? std::string(bare->summary) : fmt::format("{}", fmt::join(verbs, ", "));
    out += fmt::format("complete -c tsp -n __fish_use_subcommand -f -a {} -d {}\n", noun,
                       fish_quoted(about));
    for (const std::string& verb : verbs)
      out += fmt::format(
          "complete -c tsp -n '__fish_seen_subcommand_from {0}; and not "
          "__fish_seen_subcommand_from "
          "{1}' -f -a {2} -d {3}\n",
          noun, fmt::join(verbs, " "), verb, fish_quoted(find_command(noun + " " + verb)->summary));
  }
  for (const Command& command : commands()) {
    std::string seen;
    std::string rest(command.path);
    std::replace(rest.begin(), rest.end(), ' ', '\n');
    for (std::size_t at = 0; at < rest.size();) {
      const std::size_t end = std::min(rest.find('\n', at), rest.size());
      if (!seen.empty()) seen += "; and ";
      seen += "__fish_seen_subcommand_from " + rest.substr(at, end - at);
      at = end + 1;
    }
    for (const OptionSpec& option : command.options)
      out += fmt::format("complete -c tsp -n '{}' -l {}{} -d {}\n", seen, option.name.substr(2),
                         option.takes == Takes::nothing ? "" : " -r", fish_quoted(option.help));
  }
  for (const OptionSpec& option : global_options())
    out += fmt::format("complete -c tsp -l {}{} -d {}\n", option.name.substr(2),
                       option.takes == Takes::nothing ? "" : " -r", fish_quoted(option.help));
  return out;
}

}  // namespace

std::string completion_script(const std::string& shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  throw Error(Fault::usage, "unknown shell " + shell, "it is bash, zsh or fish");
}

}  // namespace tsp::app
