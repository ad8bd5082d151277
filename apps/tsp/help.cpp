#include "help.h"

#include <fmt/format.h>
#include <algorithm>

#include "base/error.h"

namespace tsp::app {
namespace {

constexpr std::size_t kMostChoices = 40;  // octets of choices shown in place of a value

// Breaks text into lines of at most `width`, each indented.
std::string wrap(std::string_view text, std::size_t indent, std::size_t width = 80) {
  std::string out, line;
  const auto flush = [&] {
    if (!line.empty()) out += std::string(indent, ' ') + line + "\n";
    line.clear();
  };
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '\n') {
      flush();
      if (at + 1 < text.size() && text[at + 1] == '\n') out += "\n";
      ++at;
      continue;
    }
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (!line.empty() && indent + line.size() + 1 + word.size() > width) flush();
    if (!line.empty()) line += ' ';
    line += word;
    at = end;
  }
  flush();
  return out;
}

std::string option_line(const OptionSpec& option) {
  std::string left = std::string(option.name);
  if (option.takes != Takes::nothing) left += " " + value_of(option);
  if (option.takes == Takes::values) left += "…";
  return left;
}

std::string option_block(const OptionSpec& option) {
  return "  " + option_line(option) + "\n" + wrap(help_of(option), 8);
}

}  // namespace

std::string value_of(const OptionSpec& option) {
  const bool few = !option.choices.empty() && option.choices.size() <= kMostChoices;
  return std::string(few ? option.choices : option.value);
}

std::string help_of(const OptionSpec& option) {
  std::string text(option.help);
  if (option.required) text += " (required)";
  if (option.choices.size() <= kMostChoices) return text;
  text += ": ";
  for (char c : option.choices) text += c == '|' ? std::string(", ") : std::string(1, c);
  return text;
}

std::string synopsis(const Command& command) {
  std::string text = fmt::format("tsp {}", command.path);
  for (const OperandSpec& operand : command.operands) {
    const bool several = operand.count == Count::many || operand.count == Count::any;
    const bool required = operand.count == Count::one || operand.count == Count::many;
    const std::string name = fmt::format("{}{}", operand.name, several ? "…" : "");
    text += required ? " " + name : " [" + name + "]";
  }
  for (const OptionSpec& option : command.options)
    text += option.required ? " " + option_line(option) : " [" + option_line(option) + "]";
  return text;
}

std::vector<int> exits_of(const Command& command) {
  std::vector<int> exits{0, 1, 2};
  exits.insert(exits.end(), command.exits.begin(), command.exits.end());
  return exits;
}

std::string help_text(const Command& command) {
  std::string text = fmt::format("tsp {} – {}\n\nUSAGE\n{}\n", command.path, command.summary,
                                 wrap(synopsis(command), 2));
  text += wrap(command.details, 2) + "\nOPTIONS\n";
  for (const OperandSpec& operand : command.operands)
    text += fmt::format("  {}\n{}", operand.name, wrap(operand.help, 8));
  for (const OptionSpec& option : command.options) text += option_block(option);
  if (command.changes_state) text += option_block(kDryRun);
  text += "\nGLOBAL OPTIONS\n";
  for (const OptionSpec& option : global_options()) text += option_block(option);
  text += "\nEXIT STATUS\n";
  for (int status : exits_of(command))
    text += fmt::format("  {:<4} {}\n", status, exit_meaning(status));
  text += "\nEXAMPLES\n";
  for (std::string_view example : command.examples) text += fmt::format("  {}\n", example);
  return text;
}

std::string overview_text(const std::string& noun) {
  std::string text;
  if (noun.empty())
    text =
        "tsp – a trust service provider in one command-line suite\n\nUSAGE\n"
        "  tsp [global options] NOUN VERB [options] [operands]\n\nCOMMANDS\n";
  else
    text = fmt::format("tsp {} – its verbs\n\nCOMMANDS\n", noun);
  for (const Command& command : commands())
    if (noun.empty() || command.path == noun || command.path.starts_with(noun + " "))
      text += fmt::format("  {:<18} {}\n", command.path, command.summary);
  text += "\nGLOBAL OPTIONS\n";
  for (const OptionSpec& option : global_options()) text += option_block(option);
  text += "\nEXIT STATUS\n  0 done, 1 failed, 2 usage; the rest stands in each command's help\n";
  text += "\nEXAMPLES\n  tsp init --name \"Example Trust Services\"\n  tsp help sign\n";
  return text;
}

void print_help(Terminal& terminal, const Command& command) {
  terminal.out_raw(as_bytes(help_text(command)));
}

void print_overview(Terminal& terminal, const std::string& noun) {
  terminal.out_raw(as_bytes(overview_text(noun)));
}

}  // namespace tsp::app
