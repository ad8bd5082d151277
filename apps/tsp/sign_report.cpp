#include "sign_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "ops/receipt.h"

namespace tsp::app {
namespace {

void tell_details(Terminal& terminal, const ops::SignedDocument& result) {
  if (result.error) return;
  terminal.detail(fmt::format("{}: key {} (SCAL {}), certificate {}, {}, audit record {}",
                              printable(result.input), result.key, result.scal,
                              result.certificate_serial, result.level, result.audit_seq));
}

}  // namespace

ReceiptOutput::ReceiptOutput(const Invocation& run) : path_(run.text("--receipt")) {
  if (path_ == "-")
    throw Error(Fault::usage, "--receipt names a file", "standard output has the results");
  file_ = run.replaceable_output("--receipt");
}

int ReceiptOutput::write(Invocation& run, std::vector<Json>& results) {
  const auto is_signed = [](const Json& result) { return !result.contains("error"); };
  if (!file_ || run.dry_run() || std::none_of(results.begin(), results.end(), is_signed)) return 0;
  std::optional<Error> trouble;
  try {
    file_->write(as_bytes(dump(ops::make_receipt(run.backend(), results)) + "\n"));
    file_->keep();
  } catch (const Error& error) {
    trouble = Error(error.fault, "the receipt was not written", error.message,
                    "what is named as signed is signed and on record");
  }
  for (Json& result : results) {
    if (!is_signed(result)) continue;
    result["receipt"] = trouble ? Json(nullptr) : Json(path_);
    if (trouble) result["receipt_error"] = trouble->message;
  }
  if (!trouble) return 0;
  run.terminal.error("tsp: " + printable(trouble->message));
  run.terminal.error("     " + printable(trouble->next));
  return fault_row(trouble->fault).exit_status;
}

ops::Progress signing_progress(Invocation& run) {
  return [&run](std::string_view what, std::size_t done, std::size_t of) {
    run.terminal.progress(done, of, what);
  };
}

void tell_failure(Terminal& terminal, const ops::SignedDocument& result) {
  if (terminal.json) return terminal.out_json(ops::to_json(result));
  terminal.error("tsp: " + printable(result.error->message));
  if (!result.error->next.empty()) terminal.error("     " + printable(result.error->next));
}

int report_signing(Invocation& run, const std::vector<ops::SignedDocument>& results,
                   ReceiptOutput& receipt) {
  std::vector<int> exits;
  std::vector<Json> jsons;
  jsons.reserve(results.size());
  for (const auto& result : results) jsons.push_back(ops::to_json(result));
  exits.push_back(receipt.write(run, jsons));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& result = results[i];
    exits.push_back(result.error ? fault_row(result.error->fault).exit_status : 0);
    if (!result.error && !run.dry_run()) run.terminal.was_done(result.audit_seq);
    tell_details(run.terminal, result);
    if (result.error) {
      tell_failure(run.terminal, result);
    } else if (run.terminal.json) {
      run.terminal.out_json(jsons[i]);
    } else if (run.dry_run()) {
      run.terminal.out(printable(result.input) + " could be signed; nothing was signed");
    } else if (result.output != "-") {
      run.terminal.out(
          fmt::format("Signed {} ({}, {})", printable(result.output), result.level,
                      result.signature_time ? to_rfc3339(*result.signature_time) : ""));
    }
  }
  return combined_exit(exits);
}

}  // namespace tsp::app
