// What a person sees. The rules of this file, which alone writes to the standard streams:
//
//   - results go to standard output and nothing else does; all other text goes to standard error;
//   - with --json exactly one object (one a line for several inputs) goes to standard output;
//   - prompts go to the terminal, never to standard input, so that documents can be piped in;
//   - text taken from certificates and documents has its control characters neutralised;
//   - a write that fails (full disk, closed pipe) is a failure of the command.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/secret.h"

namespace tsp::app {

enum class Color { automatic, always, never };

class Terminal {
 public:
  bool json = false, quiet = false, verbose = false, no_input = false, yes = false;
  bool dry_run = false;

  void set_color(Color color);
  // One line of a result.
  void out(std::string_view line);
  void out_raw(ByteView bytes);
  // An object; in a dry run it says so, {dry_run: true}, unless it tells an error.
  void out_json(Json value);
  // A line on standard error; nothing with --quiet. `detail` only with --verbose.
  void note(std::string_view line);
  void detail(std::string_view line);
  void error(std::string_view line);
  // What was asked for was done, perhaps on record: what fails from now on is telling of it.
  void was_done(std::optional<std::int64_t> audit_seq);
  // An error of standard output as a person needs it, where something was done. Others stay.
  Error told_after_doing(const Error& error) const;
  bool output_failed() const { return output_failed_; }
  // Flushes standard output; throws Error{output_failed} when anything could not be written.
  void finish();

  bool output_is_terminal() const;
  bool can_ask() const;  // a terminal is there and --no-input was not given
  // Asks on the terminal without echo. `option` is named in Error{input_needed} where nobody can
  // answer.
  Secret ask_secret(const std::string& prompt, const std::string& option);
  // Yes or no; --yes answers yes, nobody there is Error{input_needed} naming --yes.
  bool confirm(const std::string& question);

  std::string bold(std::string_view text) const;
  std::string good(std::string_view text) const;
  std::string bad(std::string_view text) const;
  std::string warn(std::string_view text) const;
  bool unicode() const;  // the locale is UTF-8

  // A bar on standard error, on a terminal only, after one second.
  void progress(std::size_t done, std::size_t of, std::string_view what);
  void end_progress();

 private:
  void put_out(std::string_view text);
  std::string paint(std::string_view code, std::string_view text) const;
  bool colored_ = false;
  bool output_failed_ = false;
  bool done_ = false;
  std::optional<std::int64_t> audit_seq_;
  bool progress_shown_ = false;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

// Set by SIGINT and SIGTERM; long work looks at it between steps.
void install_signal_handlers();
bool was_interrupted();
void throw_if_interrupted();

}  // namespace tsp::app
