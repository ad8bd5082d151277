#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"
#include "invocation.h"
#include "ops/audit_log.h"

namespace tsp::app {
namespace {

constexpr std::size_t kLargestNote = 1 << 20;

int run_verify(Invocation& run) {
  ops::VerifyLog request;
  request.path = run.text("PATH");
  if (run.given("--checkpoint"))
    request.checkpoint = as_text(read_file(run.text("--checkpoint"), kLargestNote));
  if (run.given("--key"))
    request.verifier_key = as_text(read_file(run.text("--key"), kLargestNote));
  request.require_anchor = run.flag("--require-anchor");
  const ops::LogVerified receipt = ops::verify_log(run.provider(), request);
  const bool anchored = receipt.anchor != "none" || !request.require_anchor;
  if (run.terminal.json) {
    run.terminal.out_json(ops::to_json(receipt));
  } else if (receipt.verdict.intact) {
    run.terminal.out(fmt::format("{}: {} records, root {}, anchor {}", run.terminal.good("intact"),
                                 receipt.verdict.size, to_hex(receipt.verdict.root),
                                 receipt.anchor));
    if (receipt.verdict.open_intents > 0)
      run.terminal.out(fmt::format("  {} intents have no result: nothing was delivered for them",
                                   receipt.verdict.open_intents));
    if (!anchored) run.terminal.error("tsp: the log is held against no earlier checkpoint");
  } else {
    const auto damage = receipt.verdict.first_damage.value_or(audit::Damage{});
    run.terminal.out(
        fmt::format("{} at record {}: {}", run.terminal.bad("damaged"), damage.seq, damage.kind));
    if (!damage.detail.empty()) run.terminal.out("  " + printable(damage.detail));
  }
  if (!receipt.verdict.intact) return 3;
  return anchored ? 0 : 4;
}

int run_show(Invocation& run) {
  ops::ShowLog request;
  request.since = run.time("--since");
  request.until = run.time("--until");
  request.event = run.text("--event");
  request.subject = run.text("--subject");
  ops::show_log(run.provider(), request, [&](const audit::Record& record) {
    throw_if_interrupted();
    if (run.terminal.json) {
      run.terminal.out_json(ops::to_json(record));
      return;
    }
    const Json json = ops::to_json(record);
    run.terminal.out(fmt::format(
        "{:>6} {} {:<18} {:<8} {:<14} {} {}", record.seq, to_rfc3339(record.time),
        record.event.event, json.at("outcome").get<std::string>(), printable(record.event.actor),
        printable(record.event.subject), printable(dump(record.event.details))));
  });
  return 0;
}

int run_checkpoint(Invocation& run) {
  const std::string path = run.text("-o");
  const auto file = run.output("-o", Existing::refuse);
  if (run.dry_run()) {
    const std::uint64_t size = ops::check_checkpoint(run.provider());
    if (run.terminal.json)
      run.terminal.out_json(Json{{"size", size}, {"dry_run", true}});
    else
      run.terminal.out(
          fmt::format("a checkpoint of {} records could be signed; nothing was signed", size));
    return 0;
  }
  const std::string note = ops::make_checkpoint(run.provider());
  if (file) {
    file->write(as_bytes(note));
    file->keep();
  }
  if (run.terminal.json)
    run.terminal.out_json(Json{{"checkpoint", note}});
  else if (path.empty() || path == "-")
    run.terminal.out_raw(as_bytes(note));
  else
    run.terminal.out("The checkpoint is in " + path);
  return 0;
}

}  // namespace

std::vector<Command> audit_commands() {
  return {
      {.path = "audit verify",
       .summary = "verify the audit log",
       .details =
           "Checks every record, the hash chain, the RFC 6962 root, the order of intents "
           "and results, "
           "and that the log extends the checkpoints it is held against: the one given, and "
           "the ones "
           "remembered from earlier runs. Prints intact, or names the first damaged record "
           "(exit 3).\n\nWithout PATH that is this TSP's own store. PATH may be another store "
           "(tsp.db, such as "
           "a copy), the folder of an exported log (C2SP tlog-tiles, with its checkpoint), or a "
           "C2SP tlog-proof: that of one signature stands in the receipt of tsp sign --receipt. "
           "--key names the verifier key, where it is not the TSP\'s own.",
       .operands = {{"PATH", Count::optional,
                     "a store (tsp.db), the folder of an exported log, or a tlog-proof; "
                     "else this TSP's own store"}},
       .options = {{"--checkpoint", "FILE", "a signed checkpoint that the log must extend"},
                   {"--key", "FILE", "the verifier key of the log, instead of the TSP's own"},
                   {"--require-anchor", "",
                    "exit with 4 when no checkpoint could be held against the log",
                    Takes::nothing}},
       .exits = {3, 4, 9},
       .examples = {"tsp audit verify",
                    "tsp audit verify --checkpoint monday.note --require-anchor",
                    "jq -j '.signatures[0].proof' receipt.json > one.proof",
                    "tsp audit verify one.proof --key audit.vkey"},
       .run = &run_verify},
      {.path = "audit show",
       .summary = "show records of the audit log",
       .details = "One line a record; with --json one object a line.",
       .operands = {},
       .options = {{"--since", "TIME", "records from this moment on"},
                   {"--until", "TIME", "records before this moment"},
                   {"--event", "NAME", "records of this event, or of a noun with a trailing dot"},
                   {"--subject", "TEXT", "records about this user, key or serial"}},
       .exits = {130},
       .examples = {"tsp audit show --event sign --since 2026-11-01", "tsp audit show --json"},
       .run = &run_show},
      {.path = "audit checkpoint",
       .summary = "sign the head of the audit log",
       .details = "Prints a C2SP checkpoint signed by the log's key. Give it to the auditor: the "
                  "log can then "
                  "only grow from it.",
       .operands = {},
       .options = {{"-o", "FILE", "write it there"}},
       .exits = {7, 9, 10, 75},
       .examples = {"tsp audit checkpoint -o monday.note"},
       .changes_state = true,
       .run = &run_checkpoint},
  };
}

}  // namespace tsp::app
