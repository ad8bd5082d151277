#include <fmt/format.h>

#include "invocation.h"
#include "receipt.h"
#include "secret_output.h"

namespace tsp::app {
namespace {

std::int64_t seconds_of(const Invocation& run) {
  const auto length = ops::parse_duration(run.text("--for"));
  if (!length || length->count() == 0)
    throw Error(Fault::usage, "--for " + run.text("--for") + " is no duration", "",
                "it looks like 90s, 30m or 8h");
  return length->count();
}

int report_window(Invocation& run, const Json& window, const char* done) {
  if (run.terminal.json) {
    run.terminal.out_json(window);
    return 0;
  }
  const std::string id = text(window, "window"), state = text(window, "state");
  if (run.dry_run())
    run.terminal.out(fmt::format("the window could be {}; nothing was changed", done));
  else
    run.terminal.out(
        fmt::format("{} {}{}", run.terminal.bold(id), done, state == done ? "" : ": " + state));
  if (state == "unapproved")
    run.terminal.note("Another operator approves it: tsp seal approve " + id.substr(0, 8));
  return 0;
}

int run_seal_open(Invocation& run) {
  run.backend();
  ops::Call call{.request = {{"user", run.required("--user")}}};
  Json& request = call.request;
  if (run.given("--key")) request["key"] = run.text("--key");
  run.add_time(request, "--from", "from");
  run.add_time(request, "--until", "until");
  if (run.given("--for")) request["seconds"] = seconds_of(run);
  if (run.given("--for") == run.given("--until"))
    throw Error(Fault::usage, "a window ends: give --for or --until");
  run.required("--count");
  request["count"] = *run.integer("--count");
  if (run.dry_run()) return report_window(run, run.call(std::move(call)), "opened");
  SecretOutput output(run, line_order("--credential-out", "machine credential",
                                      "The machine's credential; it is shown once: "));
  return report_window(run, call_with(run, std::move(call), output), "opened");
}

int run_seal_approve(Invocation& run) {
  return report_window(run, run.call({{"window", run.text("WINDOW")}}), "approved");
}

int run_seal_close(Invocation& run) {
  return report_window(run, run.call({{"window", run.text("WINDOW")}}), "closed");
}

int run_seal_list(Invocation& run) {
  Json request = Json::object();
  if (run.given("--user")) request["user"] = run.text("--user");
  const Json receipt = run.call(std::move(request));
  if (run.terminal.json) {
    run.terminal.out_json(receipt);
    return 0;
  }
  for (const Json& window : receipt.at("windows"))
    run.terminal.out(fmt::format("{} {:<16} {:<10} {} {} {:>6} of {}", text(window, "window"),
                                 text(window, "user"), text(window, "state"),
                                 text(window, "not_before"), text(window, "not_after"),
                                 integer(window, "used"), integer(window, "count")));
  if (receipt.at("windows").empty()) run.terminal.note("There are no windows.");
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
       .exits = {7, 8, 9, 10, 11, 12, 14, 75},
       .examples = {"tsp seal open --user acme --count 500 --for 8h --credential-out acme.cred"},
       .changes_state = true,
       .run = &run_seal_open},
      {.path = "seal approve",
       .summary = "approve a window as a second operator",
       .details = "The operator must be another than who opened the window.",
       .operands = {kWindow},
       .options = {},
       .exits = {7, 8, 9, 11, 75},
       .examples = {"tsp seal approve 3f2a9c01"},
       .changes_state = true,
       .run = &run_seal_approve},
      {.path = "seal close",
       .summary = "close a window for good",
       .details = "The next signature is refused, also one that was approved already.",
       .operands = {kWindow},
       .options = {},
       .exits = {7, 8, 9, 75},
       .examples = {"tsp seal close 3f2a9c01"},
       .changes_state = true,
       .run = &run_seal_close},
      {.path = "seal list",
       .summary = "list windows",
       .details = "One line a window, the latest first: legal person, state (unapproved, early, "
                  "open, used-up, over, closed), from, until, signatures made and allowed.",
       .operands = {},
       .options = {{"--user", "NAME", "of this legal person alone"}},
       .exits = {9},
       .examples = {"tsp seal list --user acme --json"},
       .run = &run_seal_list},
  };
}

}  // namespace tsp::app
