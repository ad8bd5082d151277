// The verbs of users that are the signer's own.
#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"
#include "device_home.h"
#include "factor_prompt.h"
#include "invocation.h"
#include "receipt.h"
#include "secret_output.h"
#include "secret_source.h"

namespace tsp::app {
namespace {

void tell_activated(Invocation& run, const Json& receipt) {
  const std::string user = text(receipt, "user");
  if (run.dry_run()) {
    run.terminal.out(user + " could be activated; nothing was changed");
    return;
  }
  std::string names;
  for (const Json& factor : receipt.at("factors"))
    names += (names.empty() ? "" : ", ") + text(factor, "type");
  run.terminal.out(fmt::format("{} is active, with {}", run.terminal.bold(user), names));
}

int run_user_activate(Invocation& run) {
  const std::string user = run.text("NAME");
  ops::Call call{.request = {{"user", user}}};
  if (run.given("--device-card"))
    call.request["device_card"] = to_base64(read_card(run.text("--device-card")));
  run.backend();
  // Whether he gets a secret is known once his code was right.
  SecretOutput token(run, uri_order(run, "--totp-uri-out", "secret", SecretOutput::Comes::perhaps));
  if (run.dry_run()) {
    if (auto pin = run.secret("--pin-from", "New PIN of " + user))
      call.secrets.emplace("pin", std::move(*pin));
  } else {
    call.secrets.emplace("enrolment_code",
                         run.secret_or_ask("--enrolment-code-from", "Enrolment code of " + user));
    call.secrets.emplace("pin", run.new_secret_or_ask("--pin-from", "New PIN of " + user));
  }
  const Json receipt = call_with(run, std::move(call), token);
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else
    tell_activated(run, receipt);
  return 0;
}

// All activation files as one secret, a line each.
std::optional<Secret> shares_of(Invocation& run, const std::string& user) {
  std::vector<Secret> lines;
  std::size_t size = 0;
  for (const std::string& source : run.texts("--share-from")) {
    lines.push_back(
        read_secret(source, "--share-from", "Activation file of " + user, run.terminal));
    size += lines.back().size() + 1;
  }
  if (lines.empty()) return std::nullopt;
  Bytes all;
  all.reserve(size);  // so that no copy stays behind
  for (const Secret& line : lines) {
    append(all, line.view());
    all.push_back('\n');
  }
  return Secret(std::move(all));
}

Bytes wait_for(Invocation& run, const Bytes& request) {
  try {
    return wait_for_answer(run.world(), run.backend(), request);
  } catch (const Error& error) {
    if (error.fault != Fault::not_found) throw;
    throw Error(Fault::input_needed, "the PIN is not changed", "the device did not answer in time",
                "nothing was changed; try again");
  }
}

// The change as the signer's device lets it be made: it is asked for what the activation files did
// not bring, and waited for.
ops::Call with_answers(Invocation& run, ops::Call change) {
  ops::Call ask{.operation = "user pin ask", .request = change.request};
  for (const auto& [name, secret] : change.secrets) ask.secrets.emplace(name, secret.clone());
  ask.hand_out = [&](const std::string& name, const Secret& keys) {
    change.secrets.emplace(name, keys.clone());
  };
  const Json asked = run.call(std::move(ask));
  for (const Json& request : asked.at("requests"))
    run.terminal.note(fmt::format(
        "Approve the new PIN of the key {} on your device: tsp device "
        "approve {} (until {})",
        text(request, "key"), text(request, "request").substr(0, 8), text(request, "expires_at")));
  for (const Json& request : asked.at("requests")) {
    const auto id = from_hex(text(request, "request"));
    change.request["answers"].push_back(
        {{"key", text(request, "key")},
         {"request", text(request, "request")},
         {"answer", to_base64(wait_for(run, id.value_or(Bytes())))}});
  }
  return change;
}

void tell_pin(Invocation& run, const Json& receipt) {
  run.terminal.out(text(receipt, "user") + (run.dry_run()
                                                ? " would be given a new PIN; nothing was changed"
                                                : " is given a new PIN"));
  for (const Json& key : receipt.at("keys"))
    run.terminal.out((run.dry_run() ? "  would seal anew the key " : "  sealed anew the key ") +
                     key.get<std::string>());
}

int run_user_pin(Invocation& run) {
  const std::string user = run.text("NAME");
  ops::Call call{.request = {{"user", user}}};
  run.backend();
  if (auto shares = shares_of(run, user)) call.secrets.emplace("shares", std::move(*shares));
  if (run.dry_run()) {
    if (auto pin = run.secret("--new-pin-from", "New PIN of " + user))
      call.secrets.emplace("new_pin", std::move(*pin));
  } else {
    call.secrets.emplace("pin", run.secret_or_ask("--pin-from", "PIN of " + user));
    call.secrets.emplace("new_pin", run.new_secret_or_ask("--new-pin-from", "New PIN of " + user));
    call = with_answers(run, std::move(call));
  }
  const Json receipt = run.call(std::move(call));
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else
    tell_pin(run, receipt);
  return 0;
}

}  // namespace

std::vector<Command> user_signer_commands() {
  return {
      {.path = "user activate",
       .summary = "become active with the enrolment code, by the signer alone",
       .details =
           "The second step of enrolment. The signer gives the code that the officer handed him, "
           "chooses his PIN, and receives the secret of his token or binds his device, as his "
           "group asks for: no officer ever knows what he signs with. The code is good once and "
           "for 14 days; a wrong one counts as a try like any other.\n\nThe secret is shown once: "
           "as a QR code on the terminal, in a 0600 file, or in the JSON with --totp-uri-out -.",
       .operands = {kSignerName},
       .options = {{"--enrolment-code-from", "SOURCE",
                    "where the enrolment code comes from: prompt, fd:N, file:PATH, env:VAR, "
                    "cred:NAME"},
                   {"--pin-from", "SOURCE", "where the new PIN comes from"},
                   {"--totp-uri-out", "FILE|-", "where the token's secret goes"},
                   {"--device-card", "FILE",
                    "binds a device: the card that tsp device init "
                    "printed"}},
       .exits = {5, 6, 7, 8, 9, 10, 11, 12, 14, 75},
       .examples = {"tsp user activate alice",
                    "tsp user activate alice --enrolment-code-from file:alice.code --pin-from "
                    "file:alice.pin --totp-uri-out alice.totp"},
       .changes_state = true,
       .run = &run_user_activate},
      {.path = "user pin",
       .summary = "change a signer's PIN, by the signer",
       .details =
           "The old PIN counts as a try like any other.\n\nThe PIN is changed everywhere it is "
           "used or nowhere. A SCAL 2 key is sealed under it, and to seal it anew its share is "
           "needed: from the activation file (--share-from, once for each key), or from a device "
           "of the signer, which is asked and waited for (tsp device approve).\n\nA lost PIN or a "
           "lost share means a new key: nobody, the TSP included, can open a SCAL 2 key without "
           "them. Destroy it with tsp key destroy and make another.",
       .operands = {kSignerName},
       .options = {{"--pin-from", "SOURCE",
                    "where the PIN comes from: prompt, fd:N, file:PATH, env:VAR, "
                    "cred:NAME"},
                   {"--new-pin-from", "SOURCE", "where the new PIN comes from"},
                   {"--share-from", "SOURCE", "where the activation file of a SCAL 2 key is",
                    Takes::values}},
       .exits = {5, 6, 7, 8, 9, 11, 12, 14, 75, 130},
       .examples = {"tsp user pin alice", "tsp user pin alice --share-from file:alice.share"},
       .changes_state = true,
       .run = &run_user_pin},
  };
}

}  // namespace tsp::app
