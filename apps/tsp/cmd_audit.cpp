#include <fmt/format.h>
#include <unistd.h>

#include "base/files.h"
#include "base/text.h"
#include "invocation.h"
#include "ops/audit_log.h"
#include "receipt.h"

namespace tsp::app {
namespace {

constexpr std::size_t kLargestNote = 1 << 20;
constexpr std::size_t kLargestProof = 1 << 21;

// This TSP's own log is verified where it is, what lies in a file here.
Json verdict_of(Invocation& run) {
  ops::VerifyLog request;
  if (run.given("--checkpoint"))
    request.checkpoint = as_text(read_file(run.text("--checkpoint"), kLargestNote));
  if (run.given("--key"))
    request.verifier_key = as_text(read_file(run.text("--key"), kLargestNote));
  if (run.given("PATH")) {
    if (request.verifier_key.empty())
      request.verifier_key =
          text(run.call(ops::Call{.operation = "audit verify key"}), "verifier_key");
    if (run.text("PATH") == "-")
      return ops::to_json(ops::verify_proof(
          as_text(read_all(STDIN_FILENO, kLargestProof, "standard input", &throw_if_interrupted)),
          request));
    return ops::to_json(ops::verify_copy(run.text("PATH"), request));
  }
  return run.call({{"checkpoint", request.checkpoint}, {"verifier_key", request.verifier_key}});
}

int run_audit_verify(Invocation& run) {
  const Json verdict = verdict_of(run);
  const bool intact = flag(verdict, "intact");
  const bool anchored = text(verdict, "anchor") != "none" || !run.flag("--require-anchor");
  if (run.terminal.json) {
    run.terminal.out_json(verdict);
  } else if (intact && verdict.contains("record")) {
    run.terminal.out(fmt::format("{}: record {} is in the log of {} records, root {}",
                                 run.terminal.good("intact"), integer(verdict, "record"),
                                 integer(verdict, "size"), text(verdict, "root_hash")));
    if (!anchored) run.terminal.error("tsp: a proof is held against no earlier checkpoint");
  } else if (intact) {
    run.terminal.out(fmt::format("{}: {} records, root {}, anchor {}", run.terminal.good("intact"),
                                 integer(verdict, "size"), text(verdict, "root_hash"),
                                 text(verdict, "anchor")));
    if (const auto open = integer(verdict, "open_intents"); open > 0)
      run.terminal.out(
          fmt::format("  {} intents have no result: nothing was delivered for them", open));
    if (!anchored) run.terminal.error("tsp: the log is held against no earlier checkpoint");
  } else {
    const Json& damage = verdict.at("first_damage");
    run.terminal.out(fmt::format("{} at record {}: {}", run.terminal.bad("damaged"),
                                 integer(damage, "seq"), text(damage, "kind")));
    if (const std::string detail = text(damage, "detail"); !detail.empty())
      run.terminal.out("  " + printable(detail));
  }
  if (!intact) return 3;
  return anchored ? 0 : 4;
}

int run_audit_show(Invocation& run) {
  Json request = Json::object();
  run.add_time(request, "--since", "since");
  run.add_time(request, "--until", "until");
  for (const auto& [option, member] :
       {std::pair{"--event", "event"}, std::pair{"--subject", "subject"}})
    if (run.given(option)) request[member] = run.text(option);
  run.call_each(std::move(request), "records", [&](const Json& record) {
    throw_if_interrupted();
    if (run.terminal.json) {
      run.terminal.out_json(record);
      return;
    }
    run.terminal.out(fmt::format(
        "{:>6} {} {:<18} {:<8} {:<14} {} {}", integer(record, "seq"),
        to_rfc3339(from_rfc3339(text(record, "time")).value_or(Time())), text(record, "event"),
        text(record, "outcome"), printable(text(record, "actor")),
        printable(text(record, "subject")), printable(dump(record.at("details")))));
  });
  return 0;
}

int run_audit_checkpoint(Invocation& run) {
  const std::string path = run.text("-o");
  const auto file = run.replaceable_output("-o");
  const Json receipt = run.call(Json::object());
  if (run.dry_run()) {
    if (run.terminal.json)
      run.terminal.out_json(receipt);
    else
      run.terminal.out(fmt::format("a checkpoint of {} records could be signed; nothing was signed",
                                   integer(receipt, "size")));
    return 0;
  }
  const std::string note = text(receipt, "checkpoint");
  if (file) {
    file->write(as_bytes(note));
    file->keep();
  }
  if (run.terminal.json)
    run.terminal.out_json(receipt);
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
           "--key names the verifier key, where it is not the TSP\'s own. A proof shows that one "
           "record "
           "is in the log that its checkpoint signed, and says so; nothing is said of the others.",
       .operands = {{"PATH", Count::optional,
                     "a store (tsp.db), the folder of an exported log, or a tlog-proof; "
                     "else this TSP's own store; - is a proof on standard input"}},
       .options = {{"--checkpoint", "FILE", "a signed checkpoint that the log must extend"},
                   {"--key", "FILE", "the verifier key of the log, instead of the TSP's own"},
                   {"--require-anchor", "",
                    "exit with 4 when no checkpoint could be held against the log",
                    Takes::nothing}},
       .exits = {3, 4, 9, 130},
       .examples = {"tsp audit verify",
                    "tsp audit verify --checkpoint monday.note --require-anchor",
                    "jq -j '.signatures[0].proof' receipt.json > one.proof",
                    "tsp audit verify one.proof --key audit.vkey"},
       .run = &run_audit_verify},
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
       .run = &run_audit_show},
      {.path = "audit checkpoint",
       .summary = "sign the head of the audit log",
       .details = "Prints a C2SP checkpoint signed by the log's key. Give it to the auditor: the "
                  "log can then "
                  "only grow from it.",
       .operands = {},
       .options = {{"-o", "FILE", "write it there"}, kForce},
       .exits = {7, 9, 10, 75},
       .examples = {"tsp audit checkpoint -o monday.note"},
       .changes_state = true,
       .run = &run_audit_checkpoint},
  };
}

}  // namespace tsp::app
