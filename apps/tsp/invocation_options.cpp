// What the options of one run say: texts, numbers, times, secrets by their source, output files.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <charconv>

#include "base/text.h"
#include "invocation.h"
#include "secret_source.h"

namespace tsp::app {
namespace {

const CLI::Option& option_of(const CLI::App& app, std::string_view name) {
  const CLI::Option* option = app.get_option_no_throw(std::string(name));
  if (option == nullptr)
    throw Error(Fault::failed, fmt::format("the command does not declare {}", name));
  return *option;
}

}  // namespace

bool Invocation::given(std::string_view option) const {
  return option_of(*app, option).count() > 0;
}

std::string Invocation::text(std::string_view option, std::string_view fallback) const {
  const CLI::Option& found = option_of(*app, option);
  return found.count() > 0 ? found.results().back() : std::string(fallback);
}

std::vector<std::string> Invocation::texts(std::string_view option) const {
  const CLI::Option& found = option_of(*app, option);
  return found.count() > 0 ? found.results() : std::vector<std::string>{};
}

std::optional<std::int64_t> Invocation::integer(std::string_view option) const {
  if (!given(option)) return std::nullopt;
  const std::string value = text(option);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size())
    throw Error(Fault::usage, fmt::format("{} {} is no number", option, value), "",
                fmt::format("see tsp help {}", command.path));
  return number;
}

std::optional<Time> Invocation::time(std::string_view option) const {
  if (!given(option)) return std::nullopt;
  const auto moment = from_rfc3339(text(option));
  if (!moment)
    throw Error(Fault::usage, fmt::format("{} {} is no time", option, text(option)),
                "times look like 2026-11-21T09:30:00Z or 2026-11-21",
                fmt::format("see tsp help {}", command.path));
  return moment;
}

void Invocation::add_time(Json& request, const char* option, const char* member) const {
  if (const auto moment = time(option)) request[member] = to_rfc3339(*moment, true);
}

std::string Invocation::required(std::string_view option) const {
  if (!given(option) || text(option).empty())
    throw Error(Fault::usage, fmt::format("tsp {} needs {}", command.path, option), "",
                fmt::format("see tsp help {}", command.path));
  return text(option);
}

std::optional<Secret> Invocation::secret(std::string_view option, const std::string& prompt) {
  if (!given(option)) return std::nullopt;
  return read_secret(text(option), std::string(option), prompt, terminal);
}

Secret Invocation::secret_or_ask(std::string_view option, const std::string& prompt) {
  if (given(option)) return read_secret(text(option), std::string(option), prompt, terminal);
  return terminal.ask_secret(prompt, std::string(option));
}

Secret Invocation::new_secret_or_ask(std::string_view option, const std::string& prompt) {
  Secret first = secret_or_ask(option, prompt);
  if (given(option) && text(option) != "prompt") return first;
  const Secret again = terminal.ask_secret(prompt + " again", std::string(option));
  if (!equal_in_constant_time(first.view(), again.view()))
    throw Error(Fault::usage, "the two entries differ", "", "nothing was changed; try again");
  return first;
}

std::unique_ptr<OutputFile> Invocation::output(std::string_view option, Existing existing) const {
  const std::string path = text(option);
  if (path.empty() || path == "-") return nullptr;
  return std::make_unique<OutputFile>(path, existing);
}

std::unique_ptr<OutputFile> Invocation::replaceable_output(std::string_view option) const {
  return output(option, flag(kForce.name) ? Existing::replace : Existing::refuse);
}

}  // namespace tsp::app
