#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <algorithm>

#include "configuration.h"
#include "help.h"
#include "invocation.h"

namespace tsp::app {
namespace {

constexpr const char* kUsageHint = "see tsp help";

// The edit distance of two short names.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

const OptionSpec* find_global(std::string_view name) {
  for (const OptionSpec& option : global_options())
    if (option.name == name) return &option;
  return nullptr;
}

// The places in argv of the next word that is neither an option nor the value of a global one.
std::size_t next_word(const std::vector<std::string>& words, std::size_t from) {
  for (std::size_t i = from; i < words.size(); ++i) {
    if (words[i] == "--" || !words[i].starts_with("-") || words[i] == "-") return i;
    const OptionSpec* global = find_global(words[i]);
    if (global != nullptr && global->takes != Takes::nothing) ++i;
  }
  return words.size();
}

std::vector<std::string> first_words() {
  std::vector<std::string> names;
  for (const Command& command : commands())
    names.emplace_back(command.path.substr(0, command.path.find(' ')));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string> verbs_of(std::string_view noun) {
  std::vector<std::string> verbs;
  for (const Command& command : commands())
    if (command.path.starts_with(noun) && command.path.size() > noun.size() &&
        command.path[noun.size()] == ' ')
      verbs.emplace_back(command.path.substr(noun.size() + 1));
  return verbs;
}

[[noreturn]] void unknown(const std::string& what, const std::string& typed,
                          const std::vector<std::string>& names, const std::string& next) {
  const std::string near = nearest(typed, names);
  throw Error(Fault::usage, what + " " + typed,
              near.empty() ? "there is no such thing" : "did you mean " + near + "?", next);
}

// What stands before the place of a command may be a mistyped global option and its value.
void refuse_options_before(const std::vector<std::string>& words, std::size_t end) {
  std::vector<std::string> names;
  for (const OptionSpec& option : global_options()) names.emplace_back(option.name);
  for (std::size_t i = 0; i < end; ++i) {
    const std::string name = words[i].substr(0, words[i].find('='));
    if (name.starts_with("-") && name != "--" && find_global(name) == nullptr)
      unknown("unknown option", name, names, "a command's own options stand behind it");
  }
}

bool asks_help(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::find_if(words.begin(), end, [](const std::string& word) {
           return word == "--help" || word == "-h";
         }) != end;
}

// --version in place of a command, as in: tsp --version --json.
void take_version(std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  const auto version = std::find(words.begin(), end, "--version");
  const bool alone = next_word(words, 0) == words.size();
  if (version != end && alone) *version = "version";
}

// Takes the command's words out of `words`. Returns nullptr where help is wanted of a noun or of
// all.
const Command* take_command(std::vector<std::string>& words, std::string& help_of) {
  const bool help = asks_help(words);
  const std::size_t noun_at = next_word(words, 0);
  if (noun_at == words.size() || words[noun_at] == "--") {
    if (help) return nullptr;
    refuse_options_before(words, noun_at);
    throw Error(Fault::usage, "no command was given", "", kUsageHint);
  }
  const std::string noun = words[noun_at];
  const auto verbs = verbs_of(noun);
  if (verbs.empty()) {
    const Command* command = find_command(noun);
    if (command == nullptr) {
      refuse_options_before(words, noun_at);
      unknown("unknown command", noun, first_words(), kUsageHint);
    }
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(noun_at));
    return command;
  }
  const std::size_t verb_at = next_word(words, noun_at + 1);
  if (verb_at == words.size() || words[verb_at] == "--") {
    help_of = noun;
    if (help) return nullptr;
    throw Error(Fault::usage, fmt::format("tsp {} needs a verb", noun),
                fmt::format("one of: {}", fmt::join(verbs, ", ")), "see tsp help " + noun);
  }
  const std::string verb = words[verb_at];
  const Command* command = find_command(noun + " " + verb);
  if (command == nullptr)
    unknown("unknown command tsp " + noun, verb, verbs, "see tsp help " + noun);
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(verb_at));
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(noun_at));
  return command;
}

void declare(CLI::App& app, const OptionSpec& spec) {
  if (spec.takes == Takes::nothing) {
    app.add_flag(std::string(spec.name))->disable_flag_override();  // no --force=false
    return;
  }
  CLI::Option* option = app.add_option(std::string(spec.name));
  if (spec.takes == Takes::value)
    option->expected(1)->take_last();
  else
    // Any number of times, one value each time.
    option->expected(1, -1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false);
}

constexpr int kMostOperands = 1 << 20;

void declare(CLI::App& app, const OperandSpec& spec) {
  CLI::Option* option = app.add_option(std::string(spec.name));
  const bool several = spec.count == Count::many || spec.count == Count::any;
  // A negative number would mean "at least", but leave the most at 1.
  option->expected(1, several ? kMostOperands : 1)->allow_extra_args(several);
  if (spec.count == Count::one || spec.count == Count::many) option->required();
}

std::unique_ptr<CLI::App> parser_for(const Command& command) {
  auto app = std::make_unique<CLI::App>();
  app->set_help_flag();
  for (const OptionSpec& option : global_options()) declare(*app, option);
  if (command.changes_state) declare(*app, kDryRun);
  for (const OptionSpec& option : command.options) declare(*app, option);
  for (const OperandSpec& operand : command.operands) declare(*app, operand);
  return app;
}

std::vector<std::string> option_names(const Command& command) {
  std::vector<std::string> names;
  for (const OptionSpec& option : global_options()) names.emplace_back(option.name);
  for (const OptionSpec& option : command.options) names.emplace_back(option.name);
  if (command.changes_state) names.emplace_back(kDryRun.name);
  return names;
}

void check_choices(const Invocation& run, const std::vector<OptionSpec>& options) {
  for (const OptionSpec& option : options) {
    if (option.choices.empty() || !run.given(option.name)) continue;
    const std::string value = run.text(option.name);
    const std::string padded = "|" + std::string(option.choices) + "|";
    if (value.empty() || padded.find("|" + value + "|") == std::string::npos)
      throw Error(Fault::usage, fmt::format("{} {} is not understood", option.name, value),
                  fmt::format("it takes {}", option.choices),
                  fmt::format("see tsp help {}", run.command.path));
  }
}

// What TSP_FORMAT says, where --json is not given.
bool json_by_environment() {
  const std::string format = environment("TSP_FORMAT");
  if (!format.empty() && format != "text" && format != "json")
    throw Error(Fault::usage, "TSP_FORMAT=" + format + " is not understood", "it is json or text",
                "nothing was done; unset it, or set one of them");
  return format == "json";
}

void apply_globals(const Invocation& run, Terminal& terminal) {
  if (run.flag("--json")) terminal.json = true;
  if (run.flag("--no-input")) terminal.no_input = true;
  terminal.yes = run.flag("--yes");
  terminal.quiet = run.flag("--quiet");
  terminal.verbose = run.flag("--verbose");
  terminal.dry_run = run.dry_run();
  if (run.given("--color")) {
    const std::string when = run.text("--color");
    terminal.set_color(when == "always"  ? Color::always
                       : when == "never" ? Color::never
                                         : Color::automatic);
  }
}

}  // namespace

std::string nearest(std::string_view typed, const std::vector<std::string>& names) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, typed.size() / 3) + 1;
  for (const std::string& name : names) {
    const std::size_t apart = distance(typed, name);
    if (apart < least) {
      least = apart;
      best = name;
    }
  }
  return best;
}

std::unique_ptr<Invocation> parse(int argc, char** argv, Terminal& terminal) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const auto end_of_options = std::find(words.begin(), words.end(), "--");
  // Errors of parsing, too, are told as the caller asked.
  terminal.json =
      std::find(words.begin(), end_of_options, "--json") != end_of_options || json_by_environment();
  take_version(words);
  std::string help_of;
  const Command* command = take_command(words, help_of);
  if (command == nullptr) {
    print_overview(terminal, help_of);
    return nullptr;
  }
  if (asks_help(words)) {
    print_help(terminal, *command);
    return nullptr;
  }
  auto run = std::make_unique<Invocation>(*command, terminal);
  run->app = parser_for(*command);
  std::reverse(words.begin(), words.end());  // CLI11 takes them last first
  const std::string see = fmt::format("see tsp help {}", command->path);
  try {
    run->app->parse(words);
  } catch (const CLI::ExtrasError&) {
    for (const std::string& extra : run->app->remaining()) {
      if (extra.starts_with("-") && extra != "-")
        unknown("unknown option", extra.substr(0, extra.find('=')), option_names(*command), see);
      throw Error(Fault::usage, "unexpected operand " + extra, "", see);
    }
    throw Error(Fault::usage, "the command line is not understood", "", see);
  } catch (const CLI::ParseError& error) {
    throw Error(Fault::usage, "the command line is not understood", error.what(), see);
  }
  check_choices(*run, global_options());
  check_choices(*run, command->options);
  apply_globals(*run, terminal);
  return run;
}

}  // namespace tsp::app
