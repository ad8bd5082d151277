#include <fmt/format.h>

#include "base/text.h"
#include "hint.h"
#include "invocation.h"
#include "ops/recording.h"
#include "ops/trust.h"

namespace tsp::app {
namespace {

ops::TrustPlace place_of(Invocation& run) {
  const ops::Home home = run.home();
  return {home, run.world(), home.stands() ? &run.provider() : nullptr};
}

void show_list(Terminal& terminal, const ops::KeptList& list) {
  terminal.out(fmt::format("  {:<2}  sequence {}, issued {}, {}  {}", printable(list.territory),
                           list.sequence, to_rfc3339(list.issued),
                           list.next_update ? "next by " + to_rfc3339(*list.next_update) : "closed",
                           printable(list.operator_name)));
  terminal.detail("    " + printable(list.url) + " " + list.sha256);
}

void show_entry(Terminal& terminal, const ops::TrustEntry& entry) {
  terminal.out(fmt::format("{}  {}, {} trust anchor{}", terminal.bold(entry.name),
                           entry.kind == "list" ? "trusted list" : "certificates",
                           entry.anchors.size(), entry.anchors.size() == 1 ? "" : "s"));
  for (const ops::KeptList& list : entry.lists) show_list(terminal, list);
  for (const ops::KeptAnchor& anchor : entry.anchors)
    if (!anchor.list) terminal.out("  " + printable(anchor.certificate.subject()));
}

// What could not be had is exit 4: the rest is kept all the same.
int show_changed(Invocation& run, const ops::TrustChanged& receipt, std::string_view done) {
  Terminal& terminal = run.terminal;
  if (terminal.json) {
    terminal.out_json(ops::to_json(receipt));
  } else {
    terminal.out(std::string(done));
    show_entry(terminal, receipt.entry);
  }
  for (const auto& failed : receipt.failed)
    terminal.error("tsp: " + printable(failed.list) + ": " + printable(failed.error.message));
  return receipt.failed.empty() ? 0 : 4;
}

int run_trust_add(Invocation& run) {
  ops::AddTrust request;
  request.name = run.text("NAME");
  request.url = run.text("--url");
  request.file = run.text("--file");
  request.pem = run.text("--pem");
  request.signers = run.texts("--signer");
  request.territories = run.texts("--territory");
  request.dry_run = run.dry_run();
  const ops::TrustChanged receipt = ops::add_trust(place_of(run), request);
  return show_changed(
      run, receipt,
      request.dry_run ? "Could be trusted; nothing was changed" : "Trusted from now on");
}

int run_trust_list(Invocation& run) {
  const auto entries = ops::list_trust(run.home());
  if (run.terminal.json) {
    Json list = Json::array();
    for (const ops::TrustEntry& entry : entries) list.push_back(ops::to_json(entry));
    run.terminal.out_json(Json{{"trust", std::move(list)}});
    return 0;
  }
  for (const ops::TrustEntry& entry : entries) show_entry(run.terminal, entry);
  if (entries.empty())
    run.terminal.note("Nothing is trusted but what the home folder's TSP issues.");
  return 0;
}

int run_trust_remove(Invocation& run) {
  const std::string name = run.text("NAME");
  const auto seq = ops::remove_trust(place_of(run), name, run.dry_run());
  if (run.terminal.json)
    run.terminal.out_json(Json{{"name", name}, {"audit_seq", ops::record_json(seq)}});
  else
    run.terminal.out(run.dry_run() ? name + " could be removed; nothing was changed"
                                   : name + " is no longer trusted");
  return 0;
}

std::string_view done_of(const Invocation& run, const ops::TrustChanged& receipt) {
  if (!receipt.changed) return "Nothing new";
  return run.dry_run() ? "There is a newer list; nothing was changed" : "Brought up to date";
}

int update_each(Invocation& run, const ops::TrustPlace& place, const std::string& name) {
  const ops::TrustChanged receipt = ops::update_trust(place, name, run.dry_run());
  return show_changed(run, receipt, done_of(run, receipt));
}

// One that fails does not stop the others; with --json a line each.
int run_trust_update(Invocation& run) {
  const ops::TrustPlace place = place_of(run);
  if (run.given("NAME")) return update_each(run, place, run.text("NAME"));
  std::vector<int> exits;
  for (const ops::TrustEntry& entry : ops::list_trust(place.home)) {
    if (entry.kind != "list") continue;
    throw_if_interrupted();
    try {
      exits.push_back(update_each(run, place, entry.name));
    } catch (const Error& error) {
      if (error.fault == Fault::interrupted) throw;
      const FaultRow& row = fault_row(error.fault);
      exits.push_back(row.exit_status);
      if (run.terminal.json)
        run.terminal.out_json(Json{{"name", entry.name},
                                   {"error",
                                    {{"code", row.name},
                                     {"message", error.message},
                                     {"hint", hint_of(error, &run.command)},
                                     {"exit", row.exit_status},
                                     {"audit_seq", nullptr}}}});
      else
        run.terminal.error("tsp: " + entry.name + ": " + printable(error.message));
    }
  }
  if (exits.empty()) run.terminal.note("There is no trusted list to update.");
  return combined_exit(exits);
}

const OperandSpec kTrustName{"NAME", Count::one, "what it is called here"};

}  // namespace

std::vector<Command> trust_commands() {
  return {
      {.path = "trust add",
       .summary = "trust a trusted list (ETSI TS 119 612), or certificates",
       .details =
           "A trusted list says which certification authorities and time-stamping units are "
           "trusted "
           "for what and since when; its operator signs it. It is taken only when one of the "
           "certificates named by --signer made that signature over the whole of it, and it is not "
           "out of date. A list of lists names the other lists and who signs them: these are "
           "fetched too, one level deep.\n\nAn anchor from a list counts only for its kind of "
           "service (certificates of signers, or time-stamps) and while its status was one of "
           "approval at the moment that is judged. Certificates added with --pem count always.\n\n"
           "tsp validate uses what is kept here. A TSP need not stand in the home folder; where "
           "one "
           "does, the change is on record. Lists that a list of lists names and that cannot be had "
           "are told, and the exit is 4; the others are kept.",
       .operands = {kTrustName},
       .options = {{"--url", "URL", "where the list is, http or https"},
                   {"--file", "FILE", "a list in a file"},
                   {"--signer", "PEM", "a certificate that may sign the list", Takes::values},
                   {"--territory", "CC", "of a list of lists, only the lists of this territory",
                    Takes::values},
                   {"--pem", "FILE", "certificates that are trusted as they are"}},
       .exits = {4, 8, 10, 130},
       .examples = {"tsp trust add eu --url https://ec.europa.eu/tools/lotl/eu-lotl.xml --signer "
                    "lotl-1.pem --signer lotl-2.pem --territory LU",
                    "tsp trust add partners --pem partners.pem"},
       .changes_state = true,
       .run = &run_trust_add},
      {.path = "trust list",
       .summary = "list what is trusted beside the TSP of the home folder",
       .details = "Each with its lists: territory, sequence number, when issued, when the next one "
                  "is due, operator. With --verbose where it came from and its SHA-256.",
       .operands = {},
       .options = {},
       .exits = {},
       .examples = {"tsp trust list", "tsp trust list --json"},
       .run = &run_trust_list},
      {.path = "trust remove",
       .summary = "trust it no longer",
       .details = "What was validated before stays as it was reported.",
       .operands = {kTrustName},
       .options = {},
       .exits = {8, 130},
       .examples = {"tsp trust remove partners"},
       .changes_state = true,
       .run = &run_trust_remove},
      {.path = "trust update",
       .summary = "fetch trusted lists anew",
       .details =
           "Fetches one entry's lists, or all. A list that cannot be had, whose signature does not "
           "hold, that is out of date or older than the one that is here is refused, and the one "
           "that is here stays. A sequence number never goes back.",
       .operands = {{"NAME", Count::optional, "which; otherwise all"}},
       .options = {},
       .exits = {4, 8, 130},
       .examples = {"tsp trust update", "tsp trust update eu --json"},
       .changes_state = true,
       .run = &run_trust_update},
  };
}

}  // namespace tsp::app
