#include <fmt/format.h>

#include "invocation.h"
#include "ops/seals.h"
#include "qr.h"
#include "secret_output.h"

namespace tsp::app {
namespace {

Time until(const Invocation& run, Time from) {
  if (run.given("--for") == run.given("--until"))
    throw Error(Fault::usage, "a window ends: give --for or --until");
  if (const auto moment = run.time("--until")) return *moment;
  const auto length = ops::parse_duration(run.text("--for"));
  if (!length || length->count() == 0)
    throw Error(Fault::usage, "--for " + run.text("--for") + " is no duration", "",
                "it looks like 90s, 30m or 8h");
  return from + *length;
}

int report(Invocation& run, const Json& json, const ops::SealWindow& window, const char* done) {
  if (run.terminal.json) {
    run.terminal.out_json(json);
    return 0;
  }
  if (run.dry_run())
    run.terminal.out(fmt::format("the window could be {}; nothing was changed", done));
  else
    run.terminal.out(fmt::format("{} {}: {}", run.terminal.bold(to_hex(window.row.id)), done,
                                 sam::name_of(window.state)));
  if (window.state == sam::SealWindowState::unapproved)
    run.terminal.note("Another operator approves it: tsp seal approve " +
                      to_hex(window.row.id).substr(0, 8));
  return 0;
}

int run_open(Invocation& run) {
  ops::Provider& provider = run.provider();
  ops::OpenSealWindow request;
  request.user = run.required("--user");
  request.key = run.text("--key");
  request.not_before = run.time("--from");
  request.not_after = until(run, request.not_before.value_or(provider.now()));
  run.required("--count");
  request.count = *run.integer("--count");
  request.dry_run = run.dry_run();
  std::optional<SecretOutput> output;
  if (!request.dry_run) output.emplace(run, "--credential-out", "machine credential");
  request.hand_out = [&](const Secret& credential) {
    output->deliver(run, credential.clone(), [](const Secret& shown) {
      show_line_on_terminal("The machine's credential; it is shown once: ", shown);
    });
  };
  try {
    const ops::SealWindow window = ops::open_seal_window(provider, request);
    Json json = ops::to_json(window);
    if (output) output->add_to(json, "credential");
    return report(run, json, window, "opened");
  } catch (const Error&) {
    if (output) output->take_back();
    throw;
  }
}

int run_approve(Invocation& run) {
  const auto window = ops::approve_seal_window(run.provider(), run.text("WINDOW"), run.dry_run());
  return report(run, ops::to_json(window), window, "approved");
}

int run_close(Invocation& run) {
  const auto window = ops::close_seal_window(run.provider(), run.text("WINDOW"), run.dry_run());
  return report(run, ops::to_json(window), window, "closed");
}

int run_list(Invocation& run) {
  const auto windows = ops::list_seal_windows(run.provider(), run.text("--user"));
  if (run.terminal.json) {
    Json list = Json::array();
    for (const auto& window : windows) {
      Json json = ops::to_json(window);
      json.erase("audit_seq");
      list.push_back(std::move(json));
    }
    run.terminal.out_json(Json{{"windows", list}});
    return 0;
  }
  for (const auto& window : windows)
    run.terminal.out(
        fmt::format("{} {:<16} {:<10} {} {} {:>6} of {}", to_hex(window.row.id), window.row.user,
                    sam::name_of(window.state), to_rfc3339(window.row.not_before),
                    to_rfc3339(window.row.not_after), window.row.used, window.row.allowed));
  if (windows.empty()) run.terminal.note("There are no windows.");
  return 0;
}

const OperandSpec kWindow{"WINDOW", Count::one, "the window, or the first 8 or more of its digits"};

}  // namespace

std::vector<Command> seal_commands() {
  return {
      {.path = "seal open",
       .summary = "open a window in which a machine signs for a legal person",
       .details =
           "Whoever holds the credential that this prints, once, signs in the window with the "
           "legal person's key, without PIN or code: tsp sign --seal-from SOURCE. The window has "
           "an end and a count; each signature is on record, counted, and told to the legal "
           "person.\n\nWhoever calls is the first operator to approve; where the group asks for "
           "two, the window is of no use before another has (tsp seal approve). Closing it, or "
           "suspending the user, wins at once.\n\nThe key is of SCAL 1: a window is policy of "
           "this TSP. The configuration has the bounds seal.window and seal.count.",
       .operands = {},
       .options = {required({"--user", "NAME", "the legal person"}),
                   {"--key", "KEY", "the key (else the newest active one of SCAL 1)"},
                   required({"--count", "N", "how many signatures"}),
                   {"--for", "TIME", "how long, such as 30m or 8h"},
                   {"--until", "TIME", "until when, instead of --for"},
                   {"--from", "TIME", "from when (else now)"},
                   {"--credential-out", "FILE|-", "where the machine's credential goes"}},
       .exits = {7, 8, 9, 10, 11, 12, 75},
       .examples = {"tsp seal open --user acme --count 500 --for 8h --credential-out acme.cred"},
       .changes_state = true,
       .run = &run_open},
      {.path = "seal approve",
       .summary = "approve a window as a second operator",
       .details = "The operator must be another than who opened the window.",
       .operands = {kWindow},
       .options = {},
       .exits = {7, 8, 9, 11, 75},
       .examples = {"tsp seal approve 3f2a9c01"},
       .changes_state = true,
       .run = &run_approve},
      {.path = "seal close",
       .summary = "close a window for good",
       .details = "The next signature is refused, also one that was approved already.",
       .operands = {kWindow},
       .options = {},
       .exits = {7, 8, 9, 75},
       .examples = {"tsp seal close 3f2a9c01"},
       .changes_state = true,
       .run = &run_close},
      {.path = "seal list",
       .summary = "list windows",
       .details = "One line a window, the latest first: legal person, state (unapproved, early, "
                  "open, used-up, over, closed), from, until, signatures made and allowed.",
       .operands = {},
       .options = {{"--user", "NAME", "of this legal person alone"}},
       .exits = {9},
       .examples = {"tsp seal list --user acme --json"},
       .run = &run_list},
  };
}

}  // namespace tsp::app
