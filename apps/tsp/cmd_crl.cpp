#include <fmt/format.h>

#include "base/files.h"
#include "invocation.h"
#include "receipt.h"
#include "x509/certificate.h"

namespace tsp::app {
namespace {

// A CRL in DER, of which the server gives parts.
Bytes fetch(Invocation& run, const std::string& ca, std::int64_t number) {
  Bytes der;
  while (true) {
    const Json part =
        run.call({.operation = "crl publish part",
                  .request = {{"ca", ca}, {"number", number}, {"offset", der.size()}}});
    append(der, from_base64(text(part, "der")).value_or(Bytes()));
    if (static_cast<std::int64_t>(der.size()) >= integer(part, "size")) return der;
    throw_if_interrupted();
  }
}

int run_crl_issue(Invocation& run) {
  Json request = Json::object();
  if (run.given("--ca")) request["ca"] = run.text("--ca");
  const std::string path = run.text("-o");
  if (!path.empty() && request.empty())
    throw Error(Fault::usage, "-o needs --ca", "a file holds one CRL", "name root or issuing");
  if (path == "-" && run.terminal.json)
    throw Error(Fault::usage, "-o - and --json cannot both have standard output");
  const auto file = run.replaceable_output("-o");
  const Json receipt = run.call(std::move(request));
  if (!path.empty() && !run.dry_run()) {
    const Json& crl = receipt.at("crls").at(0);
    const Bytes der = fetch(run, text(crl, "ca"), integer(crl, "number"));
    if (file) {
      file->write(der);
      file->keep();
    } else {
      run.terminal.out_raw(der);
    }
  }
  if (run.terminal.json) {
    run.terminal.out_json(receipt);
  } else if (path != "-") {
    for (const Json& crl : receipt.at("crls"))
      run.terminal.out(fmt::format("{} CRL {} with {} entries{}, next {}", text(crl, "ca"),
                                   integer(crl, "number"), integer(crl, "entries"),
                                   run.dry_run() ? " could be issued" : "",
                                   text(crl, "next_update")));
  }
  return 0;
}

int run_crl_publish(Invocation& run) {
  const std::string base = absolute_path(run.text("DIR"));
  const Json receipt = run.call(Json::object());
  if (!run.dry_run()) {
    make_directory(base + "/crl", 0755);
    make_directory(base + "/ca", 0755);
  }
  Json paths = Json::array();
  for (const Json& authority : receipt.at("authorities")) {
    const std::string ca = text(authority, "ca");
    const std::string crl_path = fmt::format("{}/crl/{}.crl", base, ca);
    const std::string ca_path = fmt::format("{}/ca/{}.cer", base, ca);
    paths.push_back(crl_path);
    paths.push_back(ca_path);
    if (run.dry_run()) continue;
    write_file(crl_path, fetch(run, ca, integer(authority, "number")), Existing::replace);
    write_file(ca_path, x509::Certificate::from_pem(text(authority, "certificate")).der(),
               Existing::replace);
  }
  if (run.terminal.json) {
    run.terminal.out_json(Json{{"files", paths}});
  } else {
    for (const Json& path : paths) run.terminal.out(path.get<std::string>());
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
                   kForce,
                   kHsmPinFrom},
       .exits = {7, 8, 9, 10, 12, 75},
       .examples = {"tsp crl issue", "tsp crl issue --ca issuing -o issuing.crl"},
       .changes_state = true,
       .run = &run_crl_issue},
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
       .run = &run_crl_publish},
  };
}

}  // namespace tsp::app
