#include <fmt/format.h>
#include <unistd.h>

#include "base/files.h"
#include "invocation.h"
#include "ops/keys.h"

namespace tsp::app {
namespace {

// The activation file of a SCAL 2 key: opened before anything is made, kept only with the key.
class ShareOutput {
 public:
  explicit ShareOutput(Invocation& run) : path_(run.text("--share-out")) {
    if (!path_.empty()) file_ = std::make_unique<OutputFile>(path_, Existing::refuse, 0600);
  }
  void deliver(Invocation& run, const Secret& line) {
    if (!file_)
      throw Error(Fault::input_needed, "the share has nowhere to go",
                  "the signer has no device to hold it", "give --share-out FILE");
    file_->write(line.view());
    file_->write(as_bytes("\n"));
    file_->keep();
    delivered_ = true;
    run.terminal.note("The activation file is " + path_ +
                      ": it is the signer's alone, and without it the key is lost.");
  }
  // No key was stored: the file would stand in the way of the next try.
  void take_back() {
    if (delivered_) ::unlink(path_.c_str());
  }

 private:
  std::string path_;
  std::unique_ptr<OutputFile> file_;
  bool delivered_ = false;
};

int run_generate(Invocation& run) {
  ops::GenerateKey request;
  request.user = run.required("--user");
  const std::string algorithm = run.text("--algorithm", "ecdsa-p256");
  const auto parsed = crypto::parse_key_algorithm(algorithm);
  if (!parsed) throw Error(Fault::usage, "--algorithm " + algorithm + " is not understood");
  request.algorithm = *parsed;
  request.scal = run.text("--scal", "1") == "2" ? 2 : 1;
  request.label = run.text("--label");
  if (run.given("--pin-from") && request.scal == 1)
    throw Error(Fault::usage, "--pin-from is for --scal 2", "a SCAL 1 key is not sealed by the PIN",
                "see tsp help key generate");
  request.dry_run = run.dry_run();
  if (run.given("--share-out") && request.scal == 1)
    throw Error(Fault::usage, "--share-out is for --scal 2", "a SCAL 1 key has no share");
  ops::Provider& provider = run.provider();
  ShareOutput share(run);
  if (request.scal == 2 && !request.dry_run) {
    ops::check_generation(provider, request);
    request.pin = run.secret_or_ask("--pin-from", "PIN of " + request.user);
    request.hand_out = [&](const Secret& line) { share.deliver(run, line); };
  }
  const ops::KeyInfo key = [&] {
    try {
      return ops::generate_key(provider, request);
    } catch (const Error&) {
      share.take_back();
      throw;
    }
  }();
  if (run.terminal.json) {
    run.terminal.out_json(ops::to_json(key));
  } else if (request.dry_run) {
    run.terminal.out("a key could be generated for " + request.user + "; nothing was made");
  } else {
    run.terminal.out(fmt::format("Generated {} key {} for {}", key.row.algorithm,
                                 run.terminal.bold(key.row.id), key.row.owner));
    run.terminal.note("Next: tsp cert issue --user " + key.row.owner);
  }
  return 0;
}

int run_list(Invocation& run) {
  const auto keys = ops::list_keys(run.provider(), run.text("--user"));
  if (run.terminal.json) {
    Json list = Json::array();
    for (const auto& key : keys) list.push_back(ops::to_json(key));
    run.terminal.out_json(Json{{"keys", list}});
    return 0;
  }
  for (const auto& key : keys)
    run.terminal.out(fmt::format("{} {:<20} {:<11} SCAL {} {:<9} {}", key.row.id, key.row.owner,
                                 key.row.algorithm, key.row.scal, key.row.state, key.row.label));
  if (keys.empty()) run.terminal.note("There are no keys.");
  return 0;
}

int run_show(Invocation& run) {
  const ops::KeyInfo key = ops::show_key(run.provider(), run.text("KEY"));
  if (run.terminal.json) {
    run.terminal.out_json(ops::to_json(key));
    return 0;
  }
  run.terminal.out("key                " + key.row.id);
  run.terminal.out("user               " + key.row.owner);
  run.terminal.out("algorithm          " + key.row.algorithm);
  run.terminal.out(fmt::format("SCAL               {}", key.row.scal));
  run.terminal.out("state              " + key.row.state);
  run.terminal.out("public key SHA-256 " + key.public_key_sha256);
  run.terminal.out("generated          " + to_rfc3339(key.row.created_at));
  for (const auto& serial : key.certificates) run.terminal.out("certificate        " + serial);
  return 0;
}

int run_destroy(Invocation& run) {
  ops::Provider& provider = run.provider();
  const ops::KeyInfo key = ops::show_key(provider, run.text("KEY"));
  if (!run.dry_run() && !run.terminal.confirm(fmt::format("Destroy key {} of {} for ever?",
                                                          key.row.id, key.row.owner)))
    throw Error(Fault::interrupted, "the key was not destroyed", "you said no");
  const ops::KeyDestroyed receipt = ops::destroy_key(provider, key.row.id, run.dry_run());
  if (run.terminal.json) {
    run.terminal.out_json(ops::to_json(receipt));
  } else {
    run.terminal.out(
        fmt::format("Key {} {}", receipt.key,
                    run.dry_run() ? "could be destroyed; nothing was changed" : "is destroyed"));
    for (const auto& serial : receipt.revoked_certificates)
      run.terminal.out("  revoked certificate " + serial);
    run.terminal.note(receipt.remains);
  }
  return 0;
}

}  // namespace

std::vector<Command> key_commands() {
  const OperandSpec id{"KEY", Count::one, "the key's id, or eight or more of its first digits"};
  return {
      {.path = "key generate",
       .summary = "generate a signer's key in the HSM",
       .details =
           "The key is generated in the HSM, leaves it only wrapped under the master key, and is "
           "bound in the store to its owner.\n\nA SCAL 2 key is sealed under the signer's PIN, a "
           "secret of the HSM and a share that only the signer has: on the devices that are bound "
           "to him, or in an activation file. Where the signer has a PIN already it is that one. "
           "Nobody can open the seal when PIN or share is lost: the signer then needs a new key.",
       .operands = {},
       .options = {required({"--user", "NAME", "the signer it is for"}),
                   {"--algorithm", "ALG", "what kind of key", Takes::value,
                    "ecdsa-p256|ecdsa-p384|ecdsa-p521|rsa-3072|rsa-4096|ed25519"},
                   {"--scal", "1|2", "sole control assurance level", Takes::value, "1|2"},
                   {"--label", "TEXT", "a name for people"},
                   {"--pin-from", "SOURCE",
                    "with --scal 2, where the signer's PIN comes from: prompt, fd:N, file:PATH, "
                    "env:VAR, cred:NAME"},
                   {"--share-out", "FILE",
                    "with --scal 2 and no device, the activation file to write (0600)"}},
       .exits = {5, 6, 7, 8, 9, 10, 11, 12, 75},
       .examples = {"tsp key generate --user alice",
                    "tsp key generate --user alice --algorithm rsa-3072",
                    "tsp key generate --user alice --scal 2 --pin-from file:alice.pin"},
       .changes_state = true,
       .run = &run_generate},
      {.path = "key list",
       .summary = "list signers' keys",
       .details = "One line a key.",
       .operands = {},
       .options = {{"--user", "NAME", "only this signer's"}},
       .exits = {9},
       .examples = {"tsp key list --user alice"},
       .run = &run_list},
      {.path = "key show",
       .summary = "show a key",
       .details = "Shows what is public about a key.",
       .operands = {id},
       .options = {},
       .exits = {9},
       .examples = {"tsp key show 3f2a91c07be5d844"},
       .run = &run_show},
      {.path = "key destroy",
       .summary = "destroy a signer's key for ever",
       .details =
           "Overwrites the wrapped key in the store, empties the write-ahead log, and revokes the "
           "key's certificates. Says which backups may still hold it.",
       .operands = {id},
       .options = {},
       .exits = {7, 8, 9, 10, 12, 75, 130},
       .examples = {"tsp key destroy 3f2a91c07be5d844 --yes"},
       .changes_state = true,
       .run = &run_destroy},
  };
}

}  // namespace tsp::app
