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
  if (command.changes_state) text += std::string(kDryRun.name) + " ";
  return text;
}

std::string global_names() {
  std::string text;
  for (const OptionSpec& option : global_options()) text += std::string(option.name) + " ";
  return text;
}

std::string spaced(std::string_view choices) {
  std::string text(choices);
  std::replace(text.begin(), text.end(), '|', ' ');
  return text;
}

// Lines of a shell's `case` over "COMMAND OPTION" for options with fixed choices; {} stands for
// the choices.
std::string choice_cases(const std::string& assignment) {
  std::string out;
  const auto add = [&](const std::string& path, const OptionSpec& option) {
    if (option.choices.empty()) return;
    out += fmt::format("    {}\"{}\") ", path, option.name) +
           fmt::format(fmt::runtime(assignment), spaced(option.choices)) + " ;;\n";
  };
  for (const OptionSpec& option : global_options()) add("*", option);
  for (const Command& command : commands())
    for (const OptionSpec& option : command.options)
      add(fmt::format("\"{} \"*", command.path), option);
  return out;
}

// Nouns in order, each with its verbs; bare verbs have none.
std::vector<std::pair<std::string, std::vector<std::string>>> nouns() {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  for (const Command& command : commands()) {
    const auto space = command.path.find(' ');
    const std::string noun(command.path.substr(0, space));
    auto of_noun =
        std::find_if(out.begin(), out.end(), [&](const auto& row) { return row.first == noun; });
    if (of_noun == out.end()) of_noun = out.insert(out.end(), {noun, {}});
    if (space != std::string_view::npos)
      of_noun->second.emplace_back(command.path.substr(space + 1));
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
  local current="${{COMP_WORDS[COMP_CWORD]}}" before="" noun="" verb="" candidates="" values="" i
  if ((COMP_CWORD > 1)); then before="${{COMP_WORDS[COMP_CWORD - 1]}}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${{COMP_WORDS[i]}}" in
      --home|--socket|--color) i=$((i + 1)) ;;
      -*) ;;
      *) if [ -z "$noun" ]; then noun="${{COMP_WORDS[i]}}"; elif [ -z "$verb" ]; then verb="${{COMP_WORDS[i]}}"; fi ;;
    esac
  done
  COMPREPLY=()
  case "$noun $verb $before" in
{}  esac
  if [ -n "$values" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
    return
  fi
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
                     choice_cases("values=\"{}\""), words, global_names(), cases, cases);
}

// One word of zsh: an apostrophe ends the quotation, stands for itself, and begins it again.
std::string zsh_quoted(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return "'" + out + "'";
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
      names +=
          fmt::format("    {}\n", zsh_quoted(fmt::format("{}:{}", command.path, command.summary)));
  for (const auto& [noun, verbs] : nouns())
    if (!verbs.empty())
      names +=
          fmt::format("    {}\n", zsh_quoted(fmt::format("{}:{}", noun, fmt::join(verbs, ", "))));
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
  local row=$noun
  if (( ${{#verbs}} )); then row="$noun $verb"; fi
  case $row in
{}  esac
  local -a values
  case "$row ${{words[CURRENT-1]}}" in
{}  esac
  if (( ${{#values}} )); then compadd -- $values
  elif [[ ${{words[CURRENT]}} == -* ]]; then compadd -- $opts
  else _files; fi
}}
_tsp "$@"
)",
                     names, body, options, choice_cases("values=({})"));
}

std::string fish_quoted(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return "'" + out + "'";
}

std::string fish_option(const OptionSpec& option, const std::string& condition) {
  std::string line = "complete -c tsp";
  if (!condition.empty()) line += " -n '" + condition + "'";
  line += option.name.starts_with("--") ? fmt::format(" -l {}", option.name.substr(2))
                                        : fmt::format(" -s {}", option.name.substr(1));
  if (!option.choices.empty())
    line += " -x -a " + fish_quoted(spaced(option.choices));
  else if (option.takes != Takes::nothing)
    line += " -r";
  return line + " -d " + fish_quoted(option.help) + "\n";
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
          noun, fmt::join(verbs, " "), verb,
          fish_quoted(find_command(fmt::format("{} {}", noun, verb))->summary));
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
    for (const OptionSpec& option : command.options) out += fish_option(option, seen);
    if (command.changes_state) out += fish_option(kDryRun, seen);
  }
  for (const OptionSpec& option : global_options()) out += fish_option(option, "");
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
