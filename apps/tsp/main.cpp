// tsp: arguments in, one command run, one exit status out. Errors are caught here and nowhere else.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>

#include "base/heap.h"
#include "base/text.h"
#include "configuration.h"
#include "crypto/library.h"
#include "hint.h"
#include "invocation.h"
#include "pdf/parsers.h"

namespace tsp::app {
namespace {

// What reading and signing a document takes of the main thread's heap.
constexpr std::size_t kHeap = 600 << 10;

// What happened, why and what to do, for a person or as the JSON of cli.md.
int report_error(const Error& failure, Terminal& terminal, const Command* command) {
  const Error error = terminal.told_after_doing(failure);
  if (terminal.output_failed()) terminal.json = false;
  const FaultRow& row = fault_row(error.fault);
  const std::string hint = hint_of(error, command);
  terminal.end_progress();
  if (terminal.json) {
    Json body = {{"code", row.name},
                 {"message", error.message},
                 {"hint", hint},
                 {"exit", row.exit_status},
                 {"audit_seq", nullptr}};
    if (error.audit_seq) body["audit_seq"] = *error.audit_seq;
    terminal.out_json(Json{{"error", body}});
  } else {
    terminal.error("tsp: " + printable(error.message));
    terminal.error("     " + printable(hint));
  }
  return row.exit_status;
}

// A failed system call that reached nobody who knew it, such as a folder that cannot be read.
Error from_system(const std::system_error& error) {
  try {
    throw_errno(error.code().value(), error.what());
  } catch (const Error& translated) {
    return translated;
  }
}

const Command* command_of(const std::unique_ptr<Invocation>& invocation) {
  return invocation ? &invocation->command : nullptr;
}

int run(int argc, char** argv, Terminal& terminal) {
  int status = 0;
  std::unique_ptr<jail::Jail> jail;
  std::unique_ptr<Invocation> invocation;
  bool ran = false;
  try {
    invocation = parse(argc, argv, terminal);
    if (invocation) {
      // The jail's helper is forked before any secret is read and any HSM opened.
      if (invocation->command.parses_documents) {
        jail = pdf::start_jail(environment("LD_PRELOAD").empty() ? pdf::Allocator::system
                                                                 : pdf::Allocator::any);
        invocation->jail = jail.get();
        keep_heap();
        take_heap(kHeap);  // once the helper was forked, so that it is not shared with it
      }
      status = invocation->command.run(*invocation);
      ran = true;
      if (status == 0 && invocation->command.changes_state && !invocation->dry_run())
        terminal.was_done(std::nullopt);
    }
    terminal.end_progress();
  } catch (const Error& error) {
    status = report_error(error, terminal, command_of(invocation));
  } catch (const std::bad_alloc&) {
    status = report_error(Error(Fault::failed, "out of memory"), terminal, command_of(invocation));
  } catch (const std::system_error& error) {
    status = report_error(from_system(error), terminal, command_of(invocation));
  } catch (const std::exception& error) {
    status = report_error(Error(Fault::failed, "an unexpected failure", error.what(),
                                "this is a fault of the program; please report it"),
                          terminal, command_of(invocation));
  }
  try {
    terminal.finish();
  } catch (const Error& error) {
    const int failed = report_error(error, terminal, command_of(invocation));
    if (status == 0) status = failed;
  }
  // The results are out; who waits for them reads them meanwhile.
  if (ran) invocation->flush_notices();
  return status;
}

// A batch holds two descriptors a document.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace tsp::app

int main(int argc, char** argv) {
  tsp::app::raise_descriptor_limit();
  tsp::crypto::leave_tables_standing();
  tsp::app::install_signal_handlers();
  tsp::app::Terminal terminal;
  terminal.set_color(tsp::app::Color::automatic);
  const char* no_input = std::getenv("TSP_NO_INPUT");
  // Where standard input is no terminal, a script runs us, and nobody waits for a question.
  terminal.no_input =
      ::isatty(STDIN_FILENO) != 1 || (no_input != nullptr && std::strcmp(no_input, "1") == 0);
  return tsp::app::run(argc, argv, terminal);
}
