#include <fmt/format.h>
#include <cstdlib>

#include "base/files.h"
#include "configuration.h"
#include "hsm/softhsm.h"
#include "invocation.h"
#include "ops/found.h"

namespace tsp::app {
namespace {

// ROLE=LABEL, or LABEL alone for every role.
std::map<std::string, std::string> token_labels(const std::vector<std::string>& given) {
  std::map<std::string, std::string> labels;
  for (const std::string& word : given) {
    const auto equals = word.find('=');
    const std::string role = equals == std::string::npos ? "" : word.substr(0, equals);
    const std::string label = equals == std::string::npos ? word : word.substr(equals + 1);
    if (label.empty()) throw Error(Fault::usage, "--hsm-token " + word + " names no token");
    if (!labels.emplace(role, label).second)
      throw Error(Fault::usage, "--hsm-token names the role " + role + " twice");
  }
  return labels;
}

ops::Founding founding_of(Invocation& run) {
  ops::Founding founding;
  founding.name = run.text("--name", founding.name);
  founding.country = run.text("--country", founding.country);
  const std::string algorithm = run.text("--ca-algorithm", "ecdsa-p256");
  const auto parsed = crypto::parse_key_algorithm(algorithm);
  if (!parsed || *parsed == crypto::KeyAlgorithm::ed25519)
    throw Error(Fault::usage, "--ca-algorithm " + algorithm + " is not understood",
                "it is ecdsa-p256, ecdsa-p384, ecdsa-p521, rsa-3072 or rsa-4096");
  founding.ca_algorithm = *parsed;
  founding.pki_url = run.text("--pki-url");
  if (run.given("--root-pin-out"))
    founding.root_pin_out = absolute_path(run.text("--root-pin-out"));
  founding.point_softhsm_at = [](const ops::Home& home) { use_embedded_tokens(home); };
  founding.hsm_module = run.text("--hsm-module");
  founding.hsm_tokens = token_labels(run.texts("--hsm-token"));
  if (founding.hsm_module.empty() && (!founding.hsm_tokens.empty() || run.given("--hsm-pin-from")))
    throw Error(Fault::usage, "--hsm-token and --hsm-pin-from need --hsm-module");
  if (!founding.hsm_module.empty()) {
    if (founding.hsm_tokens.empty())
      throw Error(Fault::usage, "--hsm-module needs --hsm-token", "",
                  "name a token for all roles, or ROLE=LABEL for root, pki, signers and audit");
    founding.hsm_pin = run.secret_or_ask("--hsm-pin-from", "PIN of the HSM");
  }
  return founding;
}

int run_init(Invocation& run) {
  const ops::Founded founded = ops::found(run.home(), founding_of(run), run.world(), run.dry_run());
  if (run.terminal.json) {
    Json tokens = Json::object();
    for (const auto& [role, label] : founded.hsm_tokens) tokens[role] = label;
    run.terminal.out_json(Json{{"home", founded.home.path},
                               {"name", founded.name},
                               {"root_certificate", founded.root_certificate},
                               {"issuing_certificate", founded.issuing_certificate},
                               {"tsa_certificate", founded.tsa_certificate},
                               {"hsm", {{"module", founded.hsm_module}, {"tokens", tokens}}},
                               {"audit_origin", founded.audit_origin}});
    return 0;
  }
  if (run.dry_run()) {
    run.terminal.out(fmt::format("{} could be founded in {}; nothing was made", founded.name,
                                 founded.home.path));
    return 0;
  }
  run.terminal.out(fmt::format("Founded {} (a test TSP) in {}", run.terminal.bold(founded.name),
                               founded.home.path));
  run.terminal.out("  root certificate     " + founded.root_certificate);
  run.terminal.out("  issuing certificate  " + founded.issuing_certificate);
  run.terminal.out("  TSA certificate      " + founded.tsa_certificate);
  run.terminal.note("Next: tsp user enroll NAME --common-name \"Given Surname\"");
  return 0;
}

}  // namespace

std::vector<Command> init_commands() {
  return {{
      .path = "init",
      .summary = "found a whole test TSP",
      .details =
          "Makes HSM tokens (embedded SoftHSM where no module is named), the master wrapping key, "
          "root and issuing CA, OCSP and TSA keys and certificates, audit keys, the store, "
          "profiles, the first CRLs and a commented tsp.yaml in the TSP's folder.\n\n"
          "It appears whole or not at all. An existing TSP is never touched (exit 10). What it "
          "makes is a test TSP: its names are marked TEST and its certificates carry a test "
          "policy.",
      .operands = {},
      .options = {{"--name", "NAME", "name of the TSP, as it stands in its certificates"},
                  {"--country", "CC", "two-letter country of the TSP"},
                  {"--ca-algorithm", "ALG", "algorithm of the CA keys", Takes::value,
                   "ecdsa-p256|ecdsa-p384|ecdsa-p521|rsa-3072|rsa-4096"},
                  {"--pki-url", "URL",
                   "where CRLs, CA certificates and OCSP will be served; certificates then "
                   "point there"},
                  {"--root-pin-out", "FILE", "write the root token's PIN there and do not keep it"},
                  {"--hsm-module", "PATH", "a PKCS#11 module instead of the embedded SoftHSM"},
                  {"--hsm-token", "[ROLE=]LABEL",
                   "the token for a role (root, pki, signers, audit) or for all", Takes::values},
                  {"--hsm-pin-from", "SOURCE",
                   "where the PIN of the HSM comes from: prompt, fd:N, file:PATH, "
                   "env:VAR, cred:NAME"}},
      .exits = {7, 9, 10, 11, 12, 13, 75},
      .examples = {"tsp init --name \"Example Trust Services\" --country LU",
                   "tsp --home /srv/tsp init --pki-url http://pki.example.com"},
      .changes_state = true,
      .opens_tsp = false,
      .run = &run_init,
  }};
}

}  // namespace tsp::app
