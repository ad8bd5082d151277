#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "base/files.h"
#include "base/text.h"
#include "configuration.h"
#include "device_home.h"
#include "invocation.h"
#include "ops/signing_session.h"
#include "receipt.h"
#include "sam/fingerprint.h"
#include "sam/manifest_view.h"

namespace tsp::app {
namespace {

DeviceHome device_home(const Invocation& run) {
  return DeviceHome(resolve_device_home(run.text("--device")));
}

int run_device_init(Invocation& run) {
  DeviceHome::Owner owner{run.required("--user"), run.text("--provider")};
  if (owner.provider.empty())
    owner.provider = text(run.call(ops::Call{.operation = "device init name"}), "provider");
  const std::string name = run.text("--name", owner.user + "'s device");
  const auto algorithm = crypto::parse_key_algorithm(run.text("--algorithm", "ecdsa-p256"));
  const auto card_out = run.output("--card-out", Existing::keep);
  DeviceHome home = device_home(run);
  home.refuse_existing();
  if (run.dry_run()) {
    run.terminal.note("A device could be made in " + home.path() + "; nothing was made.");
    if (run.terminal.json) run.terminal.out_json(Json{{"device", home.path()}});
    return 0;
  }
  const Secret passphrase =
      run.new_secret_or_ask("--passphrase-from", "New passphrase of the device");
  sam::Device device = sam::Device::generate(name, *algorithm);
  const std::string card = to_base64(device.introduce(owner.provider, owner.user));
  home.make(device, owner, passphrase);
  if (card_out) {
    card_out->write(as_bytes(card + "\n"));
    card_out->keep();
  }
  if (run.terminal.json) {
    run.terminal.out_json(Json{{"device", home.path()},
                               {"name", name},
                               {"user", owner.user},
                               {"provider", owner.provider},
                               {"algorithm", crypto::name_of(*algorithm)},
                               {"card", card}});
  } else {
    run.terminal.out("Made the device " + printable(name) + " in " + home.path());
    if (!card_out) run.terminal.out(card);
    run.terminal.note("Next: tsp user factor add " + owner.user +
                      " --type device --device-card CARD");
  }
  return 0;
}

// What waits for the device.
struct Waiting {
  sam::DeviceQuestion question;
  bool answered = false;
};

std::vector<Waiting> waiting_for(Invocation& run, const DeviceHome& home) {
  const Json named{{"user", home.owner().user}, {"card", to_base64(sam::encode(home.card()))}};
  std::vector<Waiting> out;
  const Json listed = run.call({.operation = "device list", .request = named});
  for (const Json& each : listed.at("requests")) {
    Json one = named;
    one["request"] = text(each, "request");
    try {
      const Json found = run.call({.operation = "device list question", .request = std::move(one)});
      out.push_back({sam::decode_question(from_base64(text(found, "question")).value_or(Bytes())),
                     flag(found, "answered")});
    } catch (const Error& error) {
      if (error.fault != Fault::not_found) throw;  // else it was used meanwhile
    }
  }
  return out;
}

Json json_of(const Waiting& waiting) {
  const auto& request = waiting.question.request;
  Json documents = Json::array();
  if (request.ask == sam::Ask::sign) {
    const sam::Manifest manifest = sam::decode_manifest(waiting.question.manifest);
    for (const auto& entry : manifest.entries)
      documents.push_back({{"name", entry.name},
                           {"file_sha256", to_hex(entry.file_sha256)},
                           {"content", sam::is_bare(manifest, entry) ? "unknown" : "bound"}});
  }
  return {{"request", to_hex(request.id)},
          {"ask", request.ask == sam::Ask::sign ? "sign" : "new-pin"},
          {"provider", request.provider},
          {"key", request.credential},
          {"certificate_serial", request.certificate_serial},
          {"expires_at", to_rfc3339(request.expires_at)},
          {"answered", waiting.answered},
          {"documents", documents}};
}

void show_question(Terminal& terminal, const sam::DeviceQuestion& question) {
  const auto& request = question.request;
  terminal.out(fmt::format("{} asks {} to {}", printable(request.provider), request.signer,
                           request.ask == sam::Ask::sign ? "sign" : "change the PIN"));
  terminal.out("  request      " + to_hex(request.id));
  terminal.out("  key          " + request.credential);
  if (!request.certificate_serial.empty())
    terminal.out("  certificate  " + request.certificate_serial);
  terminal.out("  until        " + to_rfc3339(request.expires_at));
  if (request.ask != sam::Ask::sign) return;
  for (const auto& line : sam::manifest_lines(sam::decode_manifest(question.manifest)))
    terminal.out("  " + line);
}

int run_device_list(Invocation& run) {
  const DeviceHome home = device_home(run);
  const auto waiting = waiting_for(run, home);
  if (run.terminal.json) {
    Json list = Json::array();
    for (const auto& one : waiting) list.push_back(json_of(one));
    run.terminal.out_json(Json{{"requests", list}});
    return 0;
  }
  for (const auto& one : waiting) show_question(run.terminal, one.question);
  if (waiting.empty()) run.terminal.note("Nothing waits for this device.");
  return 0;
}

// The one request that is meant: named by an id or its beginning, or the only one.
const Waiting& chosen(const std::vector<Waiting>& waiting, const std::string& id) {
  const Waiting* found = nullptr;
  for (const auto& one : waiting) {
    if (one.answered || !to_hex(one.question.request.id).starts_with(id)) continue;
    if (found != nullptr)
      throw Error(Fault::usage, "several requests wait", "", "name one; tsp device list");
    found = &one;
  }
  if (found == nullptr)
    throw Error(Fault::not_found, "no such request waits for this device",
                "it is answered, used, expired, was never made, or waits in a session's file",
                "tsp device list tells what waits; what tsp sign --prepare made is approved with "
                "tsp device approve SESSION.FILE");
  return *found;
}

// What is asked, and where the answer goes.
struct Asking {
  std::vector<sam::DeviceQuestion> questions;  // one request, for one or several devices
  std::string session;                         // its file; empty: the TSP
};

Asking asking(Invocation& run, const DeviceHome& home) {
  const std::string what = run.text("REQUEST");
  if (!what.empty() && exists(what)) return {ops::session_questions(what), what};
  const auto waiting = waiting_for(run, home);
  return {{chosen(waiting, what).question}, ""};
}

// Of several devices' questions ours is the one whose share opens here.
Bytes answer_of(sam::Device& device, const Asking& asked, bool approved) {
  for (std::size_t at = 0;; ++at) {
    try {
      return device.answer(asked.questions[at], approved);
    } catch (const Error& error) {
      if (error.fault != Fault::bad_input || at + 1 == asked.questions.size()) throw;
    }
  }
}

int run_device_approve(Invocation& run) {
  const DeviceHome home = device_home(run);
  const Asking asked = asking(run, home);
  const sam::DeviceQuestion& question = asked.questions.front();
  home.check(question.request);
  const bool approved = !run.flag("--refuse");
  if (!run.terminal.json) show_question(run.terminal, question);
  if (run.dry_run()) {
    if (run.terminal.json) run.terminal.out_json(Json{{"request", to_hex(question.request.id)}});
    return 0;
  }
  if (approved && !run.terminal.confirm("Approve exactly this?"))
    throw Error(Fault::interrupted, "nothing was approved", "you said no",
                "refuse it with tsp device approve --refuse");
  sam::Device device =
      home.open(run.secret_or_ask("--passphrase-from", "Passphrase of the device"));
  const Bytes answer = answer_of(device, asked, approved);
  if (asked.session.empty())
    run.call({{"request", to_hex(question.request.id)}, {"answer", to_base64(answer)}});
  else
    ops::put_answer(asked.session, answer);
  if (run.terminal.json)
    run.terminal.out_json(Json{{"request", to_hex(question.request.id)}, {"approved", approved}});
  else
    run.terminal.out(approved ? "Approved." : "Refused.");
  return 0;
}

const OptionSpec kDevice{"--device", "DIR",
                         "the device's folder (else TSP_DEVICE, XDG_DATA_HOME/tsp-device, "
                         "~/.local/share/tsp-device)"};
const OptionSpec kPassphrase{"--passphrase-from", "SOURCE",
                             "where the passphrase comes from: prompt, fd:N, file:PATH, env:VAR, "
                             "cred:NAME"};

}  // namespace

std::vector<Command> device_commands() {
  return {
      {.path = "device init",
       .summary = "make a signer's device in software",
       .details =
           "The reference device: two keys in a folder, sealed by a passphrase. One signs what its "
           "owner approves, to the other the shares of his SCAL 2 keys are sealed. The card that "
           "is printed introduces the device to one TSP for one signer; it holds no secret.",
       .operands = {},
       .options = {required({"--user", "NAME", "the signer whose device it is"}),
                   {"--provider", "NAME", "the TSP's name (else that of HOME)"},
                   {"--name", "NAME", "what its owner calls it"},
                   {"--algorithm", "ALG", "of the signing key", Takes::value, "ecdsa-p256|ed25519"},
                   {"--card-out", "FILE", "where the card goes (else standard output)"},
                   kDevice,
                   kPassphrase},
       .exits = {9, 10, 12},
       .examples = {"tsp device init --user alice --card-out alice.card"},
       .changes_state = true,
       .run = &run_device_init},
      {.path = "device list",
       .summary = "show what waits for the device's approval",
       .details =
           "Each request with the documents it is for: names and fingerprints, in hex and in "
           "words, as tsp sign shows them.",
       .operands = {},
       .options = {kDevice},
       .exits = {9},
       .examples = {"tsp device list"},
       .run = &run_device_list},
      {.path = "device approve",
       .summary = "approve or refuse a request on the device",
       .details =
           "Shows what is asked, asks, and signs the answer, with the share of the key sealed "
           "to whoever asked. Compare names and words with what you meant to sign.",
       .operands = {{"REQUEST", Count::optional,
                     "the request's id or its beginning, or a session's file"}},
       .options = {{"--refuse", "", "refuse it; nothing is signed", Takes::nothing},
                   kDevice,
                   kPassphrase},
       .exits = {5, 9, 10, 11, 12, 130},
       .examples = {"tsp device approve", "tsp device approve 1f2e3d4c --yes",
                    "tsp device approve a.session"},
       .changes_state = true,
       .run = &run_device_approve},
  };
}

}  // namespace tsp::app
