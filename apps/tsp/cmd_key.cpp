#include <fmt/format.h>
#include <unistd.h>

#include "base/files.h"
#include "invocation.h"
#include "receipt.h"
#include "secret_output.h"

namespace tsp::app {
namespace {

// The activation file of a SCAL 2 key: opened before anything is made, kept only with the key.
class ShareOutput {
 public:
  explicit ShareOutput(Invocation& run) : path_(run.text("--share-out")) {
    if (!path_.empty()) file_ = std::make_unique<OutputFile>(path_, Existing::keep, 0600);
  }
  bool takes() const { return file_ != nullptr; }
  void deliver(Invocation& run, const std::string&, const Secret& line) {
    file_->write(line.view());
    file_->write(as_bytes("\n"));
    file_->keep();
    delivered_ = true;
    run.terminal.note("The activation file is " + path_ +
                      ": it is the signer's alone, and without it the key is lost.");
  }
  void add_to(Json&) const {}
  bool is_out() const { return delivered_; }
  // No key was stored: the file would stand in the way of the next try.
  void take_back() {
    if (delivered_) ::unlink(path_.c_str());
  }

 private:
  std::string path_;
  std::unique_ptr<OutputFile> file_;
  bool delivered_ = false;
};

int run_key_generate(Invocation& run) {
  const std::string user = run.required("--user");
  const bool sealed = run.text("--scal", "1") == "2";
  ops::Call call{.request = {{"user", user},
                             {"algorithm", run.text("--algorithm", "ecdsa-p256")},
                             {"scal", sealed ? 2 : 1},
                             {"label", run.text("--label")}}};
  if (run.given("--pin-from") && !sealed)
    throw Error(Fault::usage, "--pin-from is for --scal 2", "a SCAL 1 key is not sealed by the PIN",
                "see tsp help key generate");
  if (run.given("--share-out") && !sealed)
    throw Error(Fault::usage, "--share-out is for --scal 2", "a SCAL 1 key has no share");
  run.backend();
  ShareOutput share(run);
  if (sealed && !run.dry_run()) {
    run.call({.operation = "key generate check", .request = call.request});
    call.secrets.emplace("pin", run.secret_or_ask("--pin-from", "PIN of " + user));
  }
  const Json key = call_with(run, std::move(call), share);
  if (run.terminal.json) {
    run.terminal.out_json(key);
  } else if (run.dry_run()) {
    run.terminal.out("a key could be generated for " + user + "; nothing was made");
  } else {
    run.terminal.out(fmt::format("Generated {} key {} for {}", text(key, "algorithm"),
                                 run.terminal.bold(text(key, "key")), text(key, "user")));
    run.terminal.note("Next: tsp cert issue --user " + text(key, "user"));
  }
  return 0;
}

int run_key_list(Invocation& run) {
  const Json receipt = run.call_all({{"user", run.text("--user")}}, "keys");
  if (run.terminal.json) {
    run.terminal.out_json(receipt);
    return 0;
  }
  for (const Json& key : receipt.at("keys"))
    run.terminal.out(fmt::format("{} {:<20} {:<11} SCAL {} {:<9} {}", text(key, "key"),
                                 text(key, "user"), text(key, "algorithm"), integer(key, "scal"),
                                 text(key, "state"), text(key, "label")));
  if (receipt.at("keys").empty()) run.terminal.note("There are no keys.");
  return 0;
}

int run_key_show(Invocation& run) {
  const Json key = run.call({{"key", run.text("KEY")}});
  if (run.terminal.json) {
    run.terminal.out_json(key);
    return 0;
  }
  run.terminal.out("key                " + text(key, "key"));
  run.terminal.out("user               " + text(key, "user"));
  run.terminal.out("algorithm          " + text(key, "algorithm"));
  run.terminal.out(fmt::format("SCAL               {}", integer(key, "scal")));
  run.terminal.out("state              " + text(key, "state"));
  run.terminal.out("public key SHA-256 " + text(key, "public_key_sha256"));
  run.terminal.out("generated          " + text(key, "created_at"));
  for (const Json& serial : key.at("certificates"))
    run.terminal.out("certificate        " + serial.get<std::string>());
  return 0;
}

int run_key_destroy(Invocation& run) {
  const Json key = run.call({.operation = "key show", .request = {{"key", run.text("KEY")}}});
  if (!run.dry_run() && !run.terminal.confirm(fmt::format("Destroy key {} of {} for ever?",
                                                          text(key, "key"), text(key, "user"))))
    throw Error(Fault::interrupted, "the key was not destroyed", "you said no");
  const Json receipt = run.call({{"key", text(key, "key")}});
  if (run.terminal.json) {
    run.terminal.out_json(receipt);
  } else {
    run.terminal.out(
        fmt::format("Key {} {}", text(receipt, "key"),
                    run.dry_run() ? "could be destroyed; nothing was changed" : "is destroyed"));
    for (const Json& serial : receipt.at("revoked_certificates"))
      run.terminal.out("  revoked certificate " + serial.get<std::string>());
    run.terminal.note(text(receipt, "remains"));
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
       .exits = {5, 6, 7, 8, 9, 10, 11, 12, 14, 75},
       .examples = {"tsp key generate --user alice",
                    "tsp key generate --user alice --algorithm rsa-3072",
                    "tsp key generate --user alice --scal 2 --pin-from file:alice.pin"},
       .changes_state = true,
       .run = &run_key_generate},
      {.path = "key list",
       .summary = "list signers' keys",
       .details = "One line a key.",
       .operands = {},
       .options = {{"--user", "NAME", "only this signer's"}},
       .exits = {9},
       .examples = {"tsp key list --user alice"},
       .run = &run_key_list},
      {.path = "key show",
       .summary = "show a key",
       .details = "Shows what is public about a key.",
       .operands = {id},
       .options = {},
       .exits = {9},
       .examples = {"tsp key show 3f2a91c07be5d844"},
       .run = &run_key_show},
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
       .run = &run_key_destroy},
  };
}

}  // namespace tsp::app
