// The verbs of users that look back, and the one that ends.
#include <fmt/format.h>

#include "base/text.h"
#include "invocation.h"
#include "ops/remove_user.h"
#include "ops/user_history.h"
#include "ops/users.h"

namespace tsp::app {
namespace {

std::string line_of(const ops::HistoryEvent& event) {
  std::string line = fmt::format("{} {:<16} {:<8} {:<14}", to_rfc3339(event.time), event.event,
                                 event.outcome, printable(event.by));
  const auto add = [&](const char* label, const std::string& text) {
    if (!text.empty()) line += fmt::format(" {} {}", label, printable(text));
  };
  add("document", event.document);
  add("key", event.key);
  add("certificate", event.certificate);
  add("reason", event.reason);
  return line;
}

int run_history(Invocation& run) {
  const ops::HistoryOf request{run.text("NAME"), run.time("--since"), run.time("--until")};
  Json events = Json::array();
  bool any = false;
  ops::user_history(run.provider(), request, [&](const ops::HistoryEvent& event) {
    throw_if_interrupted();
    any = true;
    if (run.terminal.json)
      events.push_back(ops::to_json(event));
    else
      run.terminal.out(line_of(event));
  });
  if (run.terminal.json)
    run.terminal.out_json(Json{{"user", request.user}, {"events", events}});
  else if (!any)
    run.terminal.note("Nothing is on record.");
  return 0;
}

void tell(Invocation& run, const ops::UserRemoved& receipt) {
  if (!receipt.changed) {
    run.terminal.out(receipt.user + " is removed already");
    return;
  }
  run.terminal.out(run.dry_run() ? receipt.user + " could be removed; nothing was changed"
                                 : receipt.user + " is removed");
  for (const auto& key : receipt.destroyed_keys) run.terminal.out("  destroyed key " + key);
  for (const auto& serial : receipt.revoked_certificates)
    run.terminal.out("  revoked certificate " + serial);
  if (!receipt.remains.empty()) run.terminal.note(receipt.remains);
}

int run_remove(Invocation& run) {
  ops::Provider& provider = run.provider();
  const ops::UserInfo user = ops::show_user(provider, run.text("NAME"));
  const bool asks = !run.dry_run() && user.row.state != "removed";
  if (asks &&
      !run.terminal.confirm(fmt::format("Remove {} for ever, with {} keys and {} certificates?",
                                        user.row.name, user.keys.size(), user.certificates.size())))
    throw Error(Fault::interrupted, "the signer was not removed", "you said no");
  const ops::UserRemoved receipt = ops::remove_user(provider, user.row.name, run.dry_run());
  if (run.terminal.json)
    run.terminal.out_json(ops::to_json(receipt));
  else
    tell(run, receipt);
  return 0;
}

const OperandSpec kName{"NAME", Count::one, "the signer's name"};

}  // namespace

std::vector<Command> user_record_commands() {
  return {
      {.path = "user history",
       .summary = "show what was done by a signer and for him",
       .details =
           "Reads the audit log: time, event, outcome and who asked; of signatures the document, "
           "the key and the certificate too. A signature that was begun and has no result, so that "
           "nothing was delivered, has the outcome intent.",
       .operands = {kName},
       .options = {{"--since", "TIME", "from this moment on"},
                   {"--until", "TIME", "before this moment"}},
       .exits = {9},
       .examples = {"tsp user history alice --since 2026-11-01", "tsp user history alice --json"},
       .run = &run_history},
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
       .operands = {kName},
       .options = {},
       .exits = {7, 8, 9, 12, 75, 130},
       .examples = {"tsp user remove alice", "tsp user remove alice --yes"},
       .changes_state = true,
       .run = &run_remove},
  };
}

}  // namespace tsp::app
