// One run of one command: its options, the terminal, and what it works on, opened when first asked
// for.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "command.h"
#include "ops/backend.h"
#include "terminal.h"

namespace CLI {
class App;
}

namespace tsp::app {

class Invocation {
 public:
  Invocation(const Command& command, Terminal& terminal);
  ~Invocation();

  const Command& command;
  Terminal& terminal;

  // --- invocation_options.cpp
  // Options and operands by the names in the table. Asking for a name that the command does not
  // declare is a programming error (Error{failed}).
  bool given(std::string_view option) const;
  bool flag(std::string_view option) const { return given(option); }
  std::string text(std::string_view option, std::string_view fallback = {}) const;
  std::vector<std::string> texts(std::string_view option) const;
  std::optional<std::int64_t> integer(std::string_view option) const;  // Error{usage}
  std::optional<Time> time(std::string_view option) const;             // Error{usage}
  // Adds the time to a request, where the option is given. Error{usage}
  void add_time(Json& request, const char* option, const char* member) const;
  // Error{usage} naming the option when it is absent.
  std::string required(std::string_view option) const;
  bool dry_run() const { return command.changes_state && given("--dry-run"); }

  // A secret by its source option (prompt, fd:N, file:PATH, env:VAR, cred:NAME). Nothing when the
  // option is absent.
  std::optional<Secret> secret(std::string_view option, const std::string& prompt);
  // The same, but an absent option asks on the terminal; Error{input_needed} where nobody answers.
  Secret secret_or_ask(std::string_view option, const std::string& prompt);
  // A new secret: asked for twice on the terminal, since nobody sees what is typed.
  Secret new_secret_or_ask(std::string_view option, const std::string& prompt);

  // The file that an option names, opened before anything is done, so that what cannot be written
  // stops the command in time. Nothing where the option is absent or "-". Error{already_exists}.
  std::unique_ptr<OutputFile> output(std::string_view option, Existing existing) const;
  // The same for commands with --force: then what is there is replaced.
  std::unique_ptr<OutputFile> replaceable_output(std::string_view option) const;

  // --- invocation.cpp
  ops::Home home() const;
  void check_home() const;          // Error{not_found} where no TSP stands
  std::string data_folder() const;  // profiles and lists that come with the program
  ops::Config& config();  // merged: flag > environment > HOME/tsp.yaml > /etc/tsp/tsp.yaml
  ops::World world();
  // For what works beside a server or without one; most commands go by backend().
  ops::Provider& provider(ops::Ahead ahead = ops::Ahead::nothing);
  // Another of the same, with the configuration read anew: for a server's workers.
  std::unique_ptr<ops::Provider> open_provider();

  // --- invocation_backend.cpp
  // --socket, else TSP_SOCKET, else HOME/run/tsp.sock.
  std::string socket_path() const;
  bool names_server() const;  // --socket or TSP_SOCKET says which
  // Where the work is done: here, or by the server that answers at the socket. Chosen once; what
  // is begun ahead is of this process.
  ops::Backend& backend(ops::Ahead ahead = ops::Ahead::nothing);
  // The same for what works without a TSP, too: nullptr where no server answers and HOME has none.
  ops::Backend* backend_if_any();

  // --- invocation_call.cpp
  // The operation of this command (ops/call.h) with `request`; --dry-run goes along.
  Json call(Json request);
  Json call(ops::Call call);
  // The same for a list: its pages (ops/call.h) put together.
  Json call_all(Json request, const char* list);
  // Each entry as it comes.
  void call_each(Json request, const char* list, const std::function<void(const Json&)>& each);
  // After a command that changes state: tries a few notices to signers that are due, for three
  // seconds at most. Whatever fails is told with --verbose alone; the notices wait.
  void flush_notices();

  // Where documents are parsed, and owned by main; nullptr for a command that parses none.
  jail::Jail* jail = nullptr;

  // For parse().
  std::unique_ptr<CLI::App> app;

 private:
  // --- invocation.cpp
  void tell_settings() const;  // with --verbose: what is not the default, and who says so
  void tell_hsm() const;
  bool gives_hsm_pin() const;
  void give_hsm_pin();

  // --- invocation_backend.cpp
  std::string named_socket() const;  // empty: none was named
  void refuse_named_server() const;
  std::vector<x509::Certificate> trusted_roots(bool own_server);
  std::unique_ptr<ops::Backend> remote_backend();
  void add_authentication();

  std::unique_ptr<Clock> clock_;
  std::unique_ptr<net::Fetcher> fetcher_;
  std::unique_ptr<ops::Config> config_;
  std::unique_ptr<ops::Provider> provider_;
  std::unique_ptr<ops::Backend> backend_;
};

// Finds the command in argv and fills its options. Returns nullptr when help was asked for and
// printed. Throws Error{usage}, with the nearest name where one is near.
std::unique_ptr<Invocation> parse(int argc, char** argv, Terminal& terminal);

// The nearest of `names` to a mistyped one, or empty when none is near.
std::string nearest(std::string_view typed, const std::vector<std::string>& names);

}  // namespace tsp::app
