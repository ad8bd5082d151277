#include <fmt/format.h>

#include "base/files.h"
#include "invocation.h"
#include "ops/crls.h"

namespace tsp::app {
namespace {

int run_issue(Invocation& run) {
  std::vector<std::string> cas;
  if (run.given("--ca")) cas.push_back(run.text("--ca"));
  const std::string path = run.text("-o");
  if (!path.empty() && cas.empty())
    throw Error(Fault::usage, "-o needs --ca", "a file holds one CRL", "name root or issuing");
  if (path == "-" && run.terminal.json)
    throw Error(Fault::usage, "-o - and --json cannot both have standard output");
  const auto file = run.output("-o", Existing::refuse);
  const auto issued = ops::issue_crls(run.provider(), cas, run.dry_run());
  if (path == "-" && !run.dry_run()) run.terminal.out_raw(issued.front().der);
  if (file && !run.dry_run()) {
    file->write(issued.front().der);
    file->keep();
  }
  if (run.terminal.json) {
    Json list = Json::array();
    for (const auto& crl : issued) list.push_back(ops::to_json(crl));
    run.terminal.out_json(Json{{"crls", list}});
  } else if (path != "-") {
    for (const auto& crl : issued)
      run.terminal.out(fmt::format("{} CRL {} with {} entries{}, next {}", crl.ca, crl.number,
                                   crl.entries, run.dry_run() ? " could be issued" : "",
                                   to_rfc3339(crl.next_update)));
  }
  return 0;
}

int run_publish(Invocation& run) {
  const auto paths = ops::publish(run.provider(), run.text("DIR"), run.dry_run());
  if (run.terminal.json) {
    run.terminal.out_json(Json{{"files", paths}});
  } else {
    for (const auto& path : paths) run.terminal.out(path);
  }
  return 0;
}

}  // namespace

std::vector<Command> crl_commands() {
  return {
      {.path = "crl issue",
       .summary = "renew the certificate revocation lists",
       .details = "Renews every CRL of this TSP, or that of one CA.",
       .operands = {},
       .options = {{"--ca", "CA", "only this CA's", Takes::value, "root|issuing"},
                   {"-o", "FILE", "write the CRL there as DER (with --ca)"},
                   kHsmPinFrom},
       .exits = {7, 8, 9, 10, 12, 75},
       .examples = {"tsp crl issue", "tsp crl issue --ca issuing -o issuing.crl"},
       .changes_state = true,
       .run = &run_issue},
      {.path = "crl publish",
       .summary = "write CRLs and CA certificates for a web server",
       .details = "Writes crl/NAME.crl and ca/NAME.cer below the folder, each whole or not at all. "
                  "Overdue "
                  "CRLs are issued first.",
       .operands = {{"DIR", Count::one, "the folder to write to"}},
       .options = {kHsmPinFrom},
       .exits = {7, 8, 9, 12, 75},
       .examples = {"tsp crl publish /var/www/pki"},
       .changes_state = true,
       .run = &run_publish},
  };
}

}  // namespace tsp::app
