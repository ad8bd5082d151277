#include <fmt/format.h>

#include "base/text.h"
#include "invocation.h"
#include "ops/status.h"

namespace tsp::app {
namespace {

std::string verdict(const Terminal& terminal, bool ok) {
  return ok ? terminal.good("ok") : terminal.bad("not ok");
}

// The groups whose officers see what only the signer should know.
std::string one_step_groups(const Json& groups) {
  std::string names;
  for (const Json& group : groups)
    if (group.at("enrolment") == "one-step")
      names += (names.empty() ? "" : ", ") + group.at("group").get<std::string>();
  return names;
}

int run_status(Invocation& run) {
  const Json status = run.call(Json::object());
  const bool ok = status.at("ok").get<bool>();
  Terminal& terminal = run.terminal;
  if (terminal.json) {
    terminal.out_json(status);
    return ok ? 0 : 1;
  }
  terminal.out(fmt::format("{:<12} {}", "TSP", verdict(terminal, ok)));
  for (const char* part : {"hsm", "store", "space", "audit", "clock"})
    terminal.out(
        fmt::format("{:<12} {}", part, verdict(terminal, status.at(part).at("ok").get<bool>())));
  terminal.out(fmt::format("{:<12} {} records, {} open intents", "log",
                           status.at("audit").at("size").get<std::int64_t>(),
                           status.at("audit").at("open_intents").get<std::int64_t>()));
  for (const Json& certificate : status.at("certificates"))
    terminal.out(fmt::format("{:<12} until {}  {}", certificate.at("role").get<std::string>(),
                             certificate.at("not_after").get<std::string>(),
                             printable(certificate.at("subject").get<std::string>())));
  for (const Json& crl : status.at("crl"))
    terminal.out(fmt::format("{:<12} next {}", crl.at("name").get<std::string>() + " CRL",
                             crl.at("next_update").get<std::string>()));
  if (const Json& notices = status.at("notices");
      notices.at("channel") != "none" || notices.at("waiting") != 0)
    terminal.out(fmt::format(
        "{:<12} by {}, {} waiting{}", "notices", notices.at("channel").get<std::string>(),
        notices.at("waiting").get<std::int64_t>(),
        notices.at("oldest").is_null() ? "" : " since " + notices.at("oldest").get<std::string>()));
  const std::string one_step = one_step_groups(status.at("groups"));
  if (!one_step.empty())
    terminal.out("enrolment    in one step: " + one_step +
                 " (the officer sees PIN and TOTP secret)");
  terminal.out("separation   " + status.at("separation").get<std::string>());
  for (const Json& warning : status.at("warnings"))
    terminal.out(terminal.warn("warning      ") + printable(warning.get<std::string>()));
  return ok ? 0 : 1;
}

int run_doctor(Invocation& run) {
  const auto probes = ops::doctor(run.provider(), run.dry_run());
  bool ok = true;
  for (const auto& probe : probes) ok = ok && probe.ok;
  if (run.terminal.json) {
    run.terminal.out_json(ops::to_json(probes));
    return ok ? 0 : 1;
  }
  for (const auto& probe : probes) {
    run.terminal.out(fmt::format(
        "{} {:<18} {}", run.terminal.unicode() ? (probe.ok ? "✓" : "✗") : (probe.ok ? "+" : "!"),
        probe.name, printable(probe.detail)));
    if (!probe.ok && !probe.next.empty()) run.terminal.out("    " + printable(probe.next));
  }
  return ok ? 0 : 1;
}

}  // namespace

std::vector<Command> status_commands() {
  return {
      {.path = "status",
       .summary = "tell how the TSP is",
       .details = "Looks at HSM, store, audit log, certificates, CRLs and clock; changes nothing. "
                  "Exits with "
                  "1 when something is not ok.",
       .operands = {},
       .options = {},
       .exits = {7, 9},
       .examples = {"tsp status", "tsp status --json"},
       .run = &run_status},
      {.path = "doctor",
       .summary = "probe the TSP actively",
       .details = "Makes a test signature, an audit append, a time-stamp and an OCSP round trip, "
                  "and looks at "
                  "permissions. Each probe leaves its record in the audit log.",
       .operands = {},
       .options = {},
       .exits = {7, 8, 9, 75},
       .examples = {"tsp doctor", "tsp doctor --dry-run"},
       .changes_state = true,
       .run = &run_doctor},
  };
}

}  // namespace tsp::app
