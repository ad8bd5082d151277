// The verbs of users that look back, and the one that ends.
#include <fmt/format.h>

#include "base/text.h"
#include "invocation.h"
#include "receipt.h"

namespace tsp::app {
namespace {

std::string line_of(const Json& event) {
  std::string line =
      fmt::format("{} {:<16} {:<8} {:<14}", text(event, "time"), text(event, "event"),
                  text(event, "outcome"), printable(text(event, "by")));
  for (const char* member : {"document", "key", "certificate", "reason"})
    if (const std::string value = text(event, member); !value.empty())
      line += fmt::format(" {} {}", member, printable(value));
  return line;
}

int run_user_history(Invocation& run) {
  Json request{{"user", run.text("NAME")}};
  run.add_time(request, "--since", "since");
  run.add_time(request, "--until", "until");
  if (run.terminal.json) {
    Json events = run.call_all(std::move(request), "events").at("events");
    run.terminal.out_json(Json{{"user", run.text("NAME")}, {"events", std::move(events)}});
    return 0;
  }
  bool any = false;
  run.call_each(std::move(request), "events", [&](const Json& event) {
    throw_if_interrupted();
    any = true;
    run.terminal.out(line_of(event));
  });
  if (!any) run.terminal.note("Nothing is on record.");
  return 0;
}

void tell_removed(Invocation& run, const Json& receipt) {
  const std::string user = text(receipt, "user");
  if (!flag(receipt, "changed")) {
    run.terminal.out(user + " is removed already");
    return;
  }
  run.terminal.out(run.dry_run() ? user + " could be removed; nothing was changed"
                                 : user + " is removed");
  for (const Json& key : receipt.at("destroyed_keys"))
    run.terminal.out("  destroyed key " + key.get<std::string>());
  for (const Json& serial : receipt.at("revoked_certificates"))
    run.terminal.out("  revoked certificate " + serial.get<std::string>());
  if (const std::string remains = text(receipt, "remains"); !remains.empty())
    run.terminal.note(remains);
}

int run_user_remove(Invocation& run) {
  const Json named{{"user", run.text("NAME")}};
  const Json user = run.call({.operation = "user show", .request = named});
  const bool asks = !run.dry_run() && text(user, "state") != "removed";
  if (asks && !run.terminal.confirm(fmt::format(
                  "Remove {} for ever, with {} keys and {} certificates?", text(user, "user"),
                  user.at("keys").size(), user.at("certificates").size())))
    throw Error(Fault::interrupted, "the signer was not removed", "you said no");
  const Json receipt = run.call(named);
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else
    tell_removed(run, receipt);
  return 0;
}

}  // namespace

std::vector<Command> user_record_commands() {
  return {
      {.path = "user history",
       .summary = "show what was done by a signer and for him",
       .details =
           "Reads the audit log: time, event, outcome and who asked; of signatures the document, "
           "the key and the certificate too. A signature that was begun and has no result, so that "
           "nothing was delivered, has the outcome intent.",
       .operands = {kSignerName},
       .options = {{"--since", "TIME", "from this moment on"},
                   {"--until", "TIME", "before this moment"}},
       .exits = {9},
       .examples = {"tsp user history alice --since 2026-11-01", "tsp user history alice --json"},
       .run = &run_user_history},
      {.path = "user remove",
       .summary = "remove a signer for ever",
       .details =
           "Destroys the signer's keys, revokes the certificates (cessationOfOperation), deletes "
           "PIN, seeds and other factors, voids approvals, and issues a CRL. This is never undone, "
           "and the name cannot be enrolled again: what was signed stays tied to one "
           "person.\n\nWhat stays is the identity as it was registered (names, serial number, "
           "e-mail address, the SHA-256 of the proofing record), certificates, and the records of "
           "the audit log. A trust service provider has to keep them as evidence: Regulation (EU) "
           "910/2014 article 24(2)(h), and EN 319 411-1 clause 6.4.6, for at least seven years "
           "after the last certificate has ended. Waiting notices are still sent.",
       .operands = {kSignerName},
       .options = {},
       .exits = {7, 8, 9, 12, 75, 130},
       .examples = {"tsp user remove alice", "tsp user remove alice --yes"},
       .changes_state = true,
       .run = &run_user_remove},
  };
}

}  // namespace tsp::app
