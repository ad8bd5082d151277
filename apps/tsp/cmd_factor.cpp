#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "device_home.h"
#include "invocation.h"
#include "receipt.h"
#include "secret_output.h"

namespace tsp::app {
namespace {

std::int64_t factor_id(Invocation& run) {
  const std::string text = run.text("FACTOR");
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    throw Error(Fault::usage, "a factor is named by its number", "",
                "tsp user factor list " + run.text("NAME"));
  return id;
}

bool has_secret(const std::string& type) {
  return type == "totp" || type == "hotp" || type == "ocra";
}

int report_factor(Invocation& run, const Json& receipt, const char* done) {
  const Json& factor = receipt.at("factor");
  if (run.terminal.json)
    run.terminal.out_json(receipt);
  else if (run.dry_run())
    run.terminal.out(
        fmt::format("the {} factor could be {}; nothing was changed", text(factor, "type"), done));
  else
    run.terminal.out(fmt::format("{} factor {} of {} is {}", text(factor, "type"),
                                 integer(factor, "id"), text(receipt, "user"), done));
  return 0;
}

using Pin = std::optional<Secret>;

Pin pin_of(Invocation& run) {
  return run.secret("--pin-from", "PIN of " + run.text("NAME"));
}

void add_to(ops::Call& call, const Pin& pin) {
  if (pin) call.secrets.emplace("pin", pin->clone());
}

// The call, with the secret of a token shown where `type` has one.
Json change_factor(Invocation& run, ops::Call call, const std::string& type,
                   const std::function<Pin()>& pin) {
  std::optional<SecretOutput> secret;
  if (has_secret(type)) secret.emplace(run, uri_order(run, "--uri-out", "secret"));
  run.backend();
  add_to(call, pin());
  return secret ? call_with(run, std::move(call), *secret) : run.call(std::move(call));
}

int run_user_factor_add(Invocation& run) {
  const std::string type = run.required("--type");
  ops::Call call{.operation = "user factor add",
                 .request = {{"user", run.text("NAME")}, {"type", type}}};
  if (run.given("--address")) call.request["address"] = run.text("--address");
  if (type == "device")
    call.request["device_card"] = to_base64(read_card(run.required("--device-card")));
  return report_factor(run,
                       change_factor(run, std::move(call), type,
                                     [&] {
                                       if (type != "pin" || run.dry_run()) return pin_of(run);
                                       return Pin(run.new_secret_or_ask(
                                           "--pin-from", "New PIN of " + run.text("NAME")));
                                     }),
                       "added");
}

Json factors(Invocation& run, const Pin& pin) {
  ops::Call call{.operation = "user factor list", .request = {{"user", run.text("NAME")}}};
  add_to(call, pin);
  return run.call(std::move(call));
}

// A new secret in place of an old one: a lost telephone, a token out of step. What is not to be had
// is refused below.
int run_user_factor_reset(Invocation& run) {
  const std::int64_t id = factor_id(run);
  run.backend();
  const Pin pin = pin_of(run);
  const Json all = factors(run, pin);
  for (const Json& factor : all.at("factors")) {
    if (integer(factor, "id") != id) continue;
    ops::Call call{.operation = "user factor reset",
                   .request = {{"user", run.text("NAME")}, {"factor", id}}};
    add_to(call, pin);
    return report_factor(
        run, change_factor(run, std::move(call), text(factor, "type"), [] { return Pin(); }),
        "made anew");
  }
  throw Error(Fault::not_found, fmt::format("{} has no factor {}", run.text("NAME"), id), "",
              "tsp user factor list " + run.text("NAME"));
}

int run_user_factor_remove(Invocation& run) {
  ops::Call call{.operation = "user factor remove",
                 .request = {{"user", run.text("NAME")}, {"factor", factor_id(run)}}};
  run.backend();
  add_to(call, pin_of(run));
  return report_factor(run, run.call(std::move(call)), "removed");
}

int run_user_factor_list(Invocation& run) {
  const Json receipt = factors(run, pin_of(run));
  if (run.terminal.json) {
    run.terminal.out_json(receipt);
    return 0;
  }
  for (const Json& factor : receipt.at("factors"))
    run.terminal.out(fmt::format(
        "{:>4} {:<7} {} {}", integer(factor, "id"), text(factor, "type"), text(factor, "added_at"),
        factor.contains("detail") ? printable(text(factor, "detail")) : ""));
  if (receipt.at("factors").empty()) run.terminal.note("There are no factors.");
  return 0;
}

int run_user_factor(Invocation& run) {
  const std::string verb = run.text("VERB");
  if (verb == "add") return run_user_factor_add(run);
  if (verb == "list") return run_user_factor_list(run);
  if (verb == "remove") return run_user_factor_remove(run);
  if (verb == "reset") return run_user_factor_reset(run);
  throw Error(Fault::usage, "tsp user factor " + printable(verb) + " is not understood",
              "it takes add, list, remove or reset", "see tsp help user factor");
}

}  // namespace

std::vector<Command> factor_commands() {
  return {
      {.path = "user factor",
       .summary = "add, list, remove or renew what a signer authenticates with",
       .details =
           "add --type TYPE: pin, totp, hotp and ocra (a secret is handed out once), oob (codes "
           "are "
           "sent to an address), device (its card names the signer; tsp device init).\n\n"
           "OCRA and out-of-band codes are bound to the documents against outsiders; a device "
           "binds them against the operator too. TOTP and HOTP count for SCAL 1 only.\n\n"
           "reset makes the secret of a totp, hotp or ocra factor anew. The device that alone "
           "holds the share of a SCAL 2 key cannot be removed while the key is there.\n\n"
           "In a group that enrols in two steps the signer's PIN is needed (--pin-from): no "
           "officer "
           "adds, renews or removes a factor alone, and the PIN itself stays. A signer who lost it "
           "is removed and enrolled anew (tsp user remove, tsp user enroll).",
       .operands = {{"VERB", Count::one, "add, list, remove or reset"},
                    kSignerName,
                    {"FACTOR", Count::optional, "the factor's number, for remove and reset"}},
       .options = {{"--type", "TYPE", "what to add", Takes::value, "pin|totp|hotp|ocra|oob|device"},
                   {"--uri-out", "FILE|-", "where the secret goes"},
                   {"--device-card", "FILE", "the card that tsp device init printed"},
                   {"--address", "ADDRESS", "where codes are sent (else the signer's e-mail)"},
                   {"--pin-from", "SOURCE",
                    "where the PIN comes from: prompt, fd:N, file:PATH, env:VAR, cred:NAME"}},
       .exits = {5, 6, 7, 8, 9, 10, 11, 12, 14, 75},
       .examples = {"tsp user factor list alice",
                    "tsp user factor add alice --type device --device-card alice.card",
                    "tsp user factor add alice --type ocra --uri-out alice.ocra"},
       .changes_state = true,
       .run = &run_user_factor},
  };
}

}  // namespace tsp::app
