// The verbs of users that are the signer's own.
#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"
#include "device_home.h"
#include "invocation.h"
#include "ops/change_pin.h"
#include "ops/enrolment.h"
#include "qr.h"
#include "secret_output.h"
#include "secret_source.h"

namespace tsp::app {
namespace {

// The secret of the signer's token, if he gets one: whether he does is known once his code was
// right.
class TokenOutput {
 public:
  explicit TokenOutput(Invocation& run) {
    if (run.given("--totp-uri-out") || run.terminal.can_ask() || run.dry_run())
      output_.emplace(run, "--totp-uri-out", "secret");
  }
  void deliver(Invocation& run, sam::Factor type, const Secret& uri) {
    if (!output_)
      throw Error(Fault::input_needed, "the secret has nowhere to go", "there is no terminal",
                  "give --totp-uri-out FILE; nothing was changed, and the code stays good");
    type_ = sam::name_of(type);
    output_->deliver(run, uri.clone(),
                     [&](const Secret& shown) { show_on_terminal(shown, run.terminal.unicode()); });
  }
  void add_to(Json& json) const {
    if (output_ && !type_.empty()) output_->add_to(json, (type_ + "_uri").c_str());
  }
  void take_back() {
    if (output_) output_->take_back();
  }

 private:
  std::optional<SecretOutput> output_;
  std::string type_;
};

void tell(Invocation& run, const ops::UserActivated& receipt) {
  if (run.dry_run()) {
    run.terminal.out(receipt.user + " could be activated; nothing was changed");
    return;
  }
  std::string names;
  for (const auto& factor : receipt.factors) names += (names.empty() ? "" : ", ") + factor.type;
  run.terminal.out(fmt::format("{} is active, with {}", run.terminal.bold(receipt.user), names));
}

int run_activate(Invocation& run) {
  ops::ActivateUser request;
  request.user = run.text("NAME");
  request.dry_run = run.dry_run();
  if (run.given("--device-card")) request.introduction = read_card(run.text("--device-card"));
  ops::Provider& provider = run.provider();
  TokenOutput token(run);
  if (request.dry_run) {
    request.pin = run.secret("--pin-from", "New PIN of " + request.user);
  } else {
    request.code = run.secret_or_ask("--enrolment-code-from", "Enrolment code of " + request.user);
    request.pin = run.new_secret_or_ask("--pin-from", "New PIN of " + request.user);
  }
  request.hand_out = [&](sam::Factor type, const Secret& uri) { token.deliver(run, type, uri); };
  const ops::UserActivated receipt = [&] {
    try {
      return ops::activate_user(provider, request);
    } catch (const Error&) {
      token.take_back();
      throw;
    }
  }();
  Json json = ops::to_json(receipt);
  token.add_to(json);
  if (run.terminal.json)
    run.terminal.out_json(json);
  else
    tell(run, receipt);
  return 0;
}

void tell_waiting(Invocation& run, const std::vector<sam::ActivationRequest>& requests) {
  for (const auto& request : requests)
    run.terminal.note(fmt::format(
        "Approve the new PIN of the key {} on your device: tsp device "
        "approve {} (until {})",
        request.credential, to_hex(request.id).substr(0, 8), to_rfc3339(request.expires_at)));
}

int run_pin(Invocation& run) {
  ops::ChangePin request;
  request.user = run.text("NAME");
  request.dry_run = run.dry_run();
  request.waiting = [&](const auto& requests) { tell_waiting(run, requests); };
  ops::Provider& provider = run.provider();
  for (const std::string& source : run.texts("--share-from"))
    request.shares.push_back(
        read_secret(source, "--share-from", "Activation file of " + request.user, run.terminal));
  if (request.dry_run) {
    request.new_pin = run.secret("--new-pin-from", "New PIN of " + request.user);
  } else {
    request.pin = run.secret_or_ask("--pin-from", "PIN of " + request.user);
    request.new_pin = run.new_secret_or_ask("--new-pin-from", "New PIN of " + request.user);
  }
  const ops::PinChanged receipt = ops::change_pin(provider, request);
  if (run.terminal.json) {
    run.terminal.out_json(ops::to_json(receipt));
    return 0;
  }
  run.terminal.out(receipt.user + (request.dry_run
                                       ? " would be given a new PIN; nothing was changed"
                                       : " is given a new PIN"));
  for (const std::string& key : receipt.keys)
    run.terminal.out((request.dry_run ? "  would seal anew the key " : "  sealed anew the key ") +
                     key);
  return 0;
}

const OperandSpec kName{"NAME", Count::one, "the signer's name"};

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
       .operands = {kName},
       .options = {{"--enrolment-code-from", "SOURCE",
                    "where the enrolment code comes from: prompt, fd:N, file:PATH, env:VAR, "
                    "cred:NAME"},
                   {"--pin-from", "SOURCE", "where the new PIN comes from"},
                   {"--totp-uri-out", "FILE|-", "where the token's secret goes"},
                   {"--device-card", "FILE",
                    "binds a device: the card that tsp device init "
                    "printed"}},
       .exits = {5, 6, 7, 8, 9, 10, 11, 12, 75},
       .examples = {"tsp user activate alice",
                    "tsp user activate alice --enrolment-code-from file:alice.code --pin-from "
                    "file:alice.pin --totp-uri-out alice.totp"},
       .changes_state = true,
       .run = &run_activate},
      {.path = "user pin",
       .summary = "change a signer's PIN, by the signer",
       .details =
           "The old PIN counts as a try like any other.\n\nThe PIN is changed everywhere it is "
           "used or nowhere. A SCAL 2 key is sealed under it, and to seal it anew its share is "
           "needed: from the activation file (--share-from, once for each key), or from a device "
           "of the signer, which is asked and waited for (tsp device approve).\n\nA lost PIN or a "
           "lost share means a new key: nobody, the TSP included, can open a SCAL 2 key without "
           "them. Destroy it with tsp key destroy and make another.",
       .operands = {kName},
       .options = {{"--pin-from", "SOURCE",
                    "where the PIN comes from: prompt, fd:N, file:PATH, env:VAR, "
                    "cred:NAME"},
                   {"--new-pin-from", "SOURCE", "where the new PIN comes from"},
                   {"--share-from", "SOURCE", "where the activation file of a SCAL 2 key is",
                    Takes::values}},
       .exits = {5, 6, 7, 8, 9, 11, 12, 75, 130},
       .examples = {"tsp user pin alice", "tsp user pin alice --share-from file:alice.share"},
       .changes_state = true,
       .run = &run_pin},
  };
}

}  // namespace tsp::app
