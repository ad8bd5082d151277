#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "device_home.h"
#include "invocation.h"
#include "ops/factors.h"
#include "qr.h"
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

bool has_secret(sam::Factor type) {
  return type == sam::Factor::totp || type == sam::Factor::hotp || type == sam::Factor::ocra;
}

int report(Invocation& run, Json json, const ops::FactorChanged& receipt, const char* done) {
  if (run.terminal.json)
    run.terminal.out_json(json);
  else if (run.dry_run())
    run.terminal.out(
        fmt::format("the {} factor could be {}; nothing was changed", receipt.factor.type, done));
  else
    run.terminal.out(fmt::format("{} factor {} of {} is {}", receipt.factor.type, receipt.factor.id,
                                 receipt.user, done));
  return 0;
}

// `replaces`: the factor whose secret is made anew, or 0.
int add(Invocation& run, sam::Factor type, std::int64_t replaces) {
  ops::AddFactor request;
  request.user = run.text("NAME");
  request.type = type;
  request.address = run.text("--address");
  request.dry_run = run.dry_run();
  if (type == sam::Factor::device) request.introduction = read_card(run.required("--device-card"));
  std::optional<SecretOutput> secret;
  if (has_secret(type)) {
    secret.emplace(run, "--uri-out", "secret");
    request.hand_out = [&](const Secret& uri) {
      secret->deliver(run, uri.clone(), [&](const Secret& shown) {
        show_on_terminal(shown, run.terminal.unicode());
      });
    };
  }
  ops::Provider& provider = run.provider();
  if (type == sam::Factor::pin && !request.dry_run)
    request.pin = run.new_secret_or_ask("--pin-from", "New PIN of " + request.user);
  else
    request.pin = run.secret("--pin-from", "PIN of " + request.user);
  try {
    const ops::FactorChanged receipt = replaces != 0
                                           ? ops::reset_factor(provider, request, replaces)
                                           : ops::add_factor(provider, request);
    Json json = ops::to_json(receipt);
    if (secret) secret->add_to(json, "uri");
    return report(run, std::move(json), receipt, replaces != 0 ? "made anew" : "added");
  } catch (const Error&) {
    if (secret) secret->take_back();
    throw;
  }
}

int run_add(Invocation& run) {
  const std::string name = run.required("--type");
  return add(run, *sam::parse_factor(name), 0);
}

// A new secret in place of an old one: a lost telephone, a token out of step. What is not to be had
// is refused below.
int run_reset(Invocation& run) {
  const std::int64_t id = factor_id(run);
  for (const auto& factor : ops::list_factors(run.provider(), run.text("NAME")))
    if (factor.info.id == id)
      return add(run, sam::parse_factor(factor.info.type).value_or(sam::Factor::pin), id);
  throw Error(Fault::not_found, fmt::format("{} has no factor {}", run.text("NAME"), id), "",
              "tsp user factor list " + run.text("NAME"));
}

int run_remove(Invocation& run) {
  ops::RemoveFactor request;
  request.user = run.text("NAME");
  request.id = factor_id(run);
  request.dry_run = run.dry_run();
  ops::Provider& provider = run.provider();
  request.pin = run.secret("--pin-from", "PIN of " + request.user);
  const auto receipt = ops::remove_factor(provider, request);
  return report(run, ops::to_json(receipt), receipt, "removed");
}

int run_list(Invocation& run) {
  const auto factors = ops::list_factors(run.provider(), run.text("NAME"));
  if (run.terminal.json) {
    Json list = Json::array();
    for (const auto& factor : factors) list.push_back(ops::to_json(factor));
    run.terminal.out_json(Json{{"user", run.text("NAME")}, {"factors", list}});
    return 0;
  }
  for (const auto& factor : factors)
    run.terminal.out(fmt::format("{:>4} {:<7} {} {}", factor.info.id, factor.info.type,
                                 to_rfc3339(factor.created_at), printable(factor.detail)));
  if (factors.empty()) run.terminal.note("There are no factors.");
  return 0;
}

int run_factor(Invocation& run) {
  const std::string verb = run.text("VERB");
  if (verb == "add") return run_add(run);
  if (verb == "list") return run_list(run);
  if (verb == "remove") return run_remove(run);
  if (verb == "reset") return run_reset(run);
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
                    {"NAME", Count::one, "the signer's name"},
                    {"FACTOR", Count::optional, "the factor's number, for remove and reset"}},
       .options = {{"--type", "TYPE", "what to add", Takes::value, "pin|totp|hotp|ocra|oob|device"},
                   {"--uri-out", "FILE|-", "where the secret goes"},
                   {"--device-card", "FILE", "the card that tsp device init printed"},
                   {"--address", "ADDRESS", "where codes are sent (else the signer's e-mail)"},
                   {"--pin-from", "SOURCE",
                    "where the PIN comes from: prompt, fd:N, file:PATH, env:VAR, cred:NAME"}},
       .exits = {5, 6, 7, 8, 9, 10, 11, 12, 75},
       .examples = {"tsp user factor list alice",
                    "tsp user factor add alice --type device --device-card alice.card",
                    "tsp user factor add alice --type ocra --uri-out alice.ocra"},
       .changes_state = true,
       .run = &run_factor},
  };
}

}  // namespace tsp::app
