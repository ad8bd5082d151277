#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "factor_prompt.h"
#include "hint.h"
#include "invocation.h"
#include "ops/receipt.h"
#include "ops/sign_by_session.h"
#include "ops/sign_documents.h"
#include "ops/sign_hash.h"
#include "sam/manifest_view.h"
#include "sign_request.h"

namespace tsp::app {
namespace {

// The file of --receipt, opened before anything is signed.
class ReceiptOutput {
 public:
  explicit ReceiptOutput(const Invocation& run) : path_(run.text("--receipt")) {
    if (path_ == "-")
      throw Error(Fault::usage, "--receipt names a file", "standard output has the results");
    file_ = run.replaceable_output("--receipt");
  }

  // Adds to the results where the receipt is, or why it is not: they stay what they are. The exit
  // status of writing it.
  int write(Invocation& run, std::vector<Json>& results) {
    const auto is_signed = [](const Json& result) { return !result.contains("error"); };
    if (!file_ || run.dry_run() || std::none_of(results.begin(), results.end(), is_signed))
      return 0;
    std::optional<Error> trouble;
    try {
      file_->write(as_bytes(dump(ops::make_receipt(run.backend(), results)) + "\n"));
      file_->keep();
    } catch (const Error& error) {
      trouble = Error(error.fault, "the receipt was not written", error.message,
                      "what is named as signed is signed and on record");
    }
    for (Json& result : results) {
      if (!is_signed(result)) continue;
      result["receipt"] = trouble ? Json(nullptr) : Json(path_);
      if (trouble) result["receipt_error"] = trouble->message;
    }
    if (!trouble) return 0;
    run.terminal.error("tsp: " + printable(trouble->message));
    run.terminal.error("     " + printable(trouble->next));
    return fault_row(trouble->fault).exit_status;
  }

 private:
  std::string path_;
  std::unique_ptr<OutputFile> file_;
};

void tell_failure(Terminal& terminal, const ops::SignedDocument& result) {
  if (terminal.json) return terminal.out_json(ops::to_json(result));
  terminal.error("tsp: " + printable(result.error->message));
  if (!result.error->next.empty()) terminal.error("     " + printable(result.error->next));
}

void tell_details(Terminal& terminal, const ops::SignedDocument& result) {
  if (result.error) return;
  terminal.detail(fmt::format("{}: key {} (SCAL {}), certificate {}, {}, audit record {}",
                              printable(result.input), result.key, result.scal,
                              result.certificate_serial, result.level, result.audit_seq));
}

int render(Invocation& run, const std::vector<ops::SignedDocument>& results,
           ReceiptOutput& receipt) {
  std::vector<int> exits;
  std::vector<Json> jsons;
  jsons.reserve(results.size());
  for (const auto& result : results) jsons.push_back(ops::to_json(result));
  exits.push_back(receipt.write(run, jsons));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& result = results[i];
    exits.push_back(result.error ? fault_row(result.error->fault).exit_status : 0);
    if (!result.error && !run.dry_run()) run.terminal.was_done(result.audit_seq);
    tell_details(run.terminal, result);
    if (result.error) {
      tell_failure(run.terminal, result);
    } else if (run.terminal.json) {
      run.terminal.out_json(jsons[i]);
    } else if (run.dry_run()) {
      run.terminal.out(printable(result.input) + " could be signed; nothing was signed");
    } else if (result.output != "-") {
      run.terminal.out(
          fmt::format("Signed {} ({}, {})", printable(result.output), result.level,
                      result.signature_time ? to_rfc3339(*result.signature_time) : ""));
    }
  }
  return combined_exit(exits);
}

void tell_signing(const Invocation& run, const ops::SignDocuments& request) {
  std::string tsa = "this TSP's own";
  if (!request.long_term.tsa_urls.empty())
    tsa = printable(fmt::format("{}", fmt::join(request.long_term.tsa_urls, ", then ")));
  if (request.level == "B-B") tsa = "none";
  run.terminal.detail(fmt::format("Signing {} documents at level {}; time-stamp server: {}",
                                  request.documents.size(), request.level, tsa));
}

int run_hash(Invocation& run, const ops::SignerPrompt& signer) {
  if (!run.texts("FILE").empty())
    throw Error(Fault::usage, "--hash signs a digest and takes no files");
  const auto hash = crypto::parse_hash(run.required("--hash-algorithm"));
  const auto digest = from_hex(run.text("--hash"));
  if (!digest || digest->size() != crypto::size_of(*hash))
    throw Error(Fault::usage,
                "--hash is no " + std::string(crypto::name_of(*hash)) + " digest in hex");
  const ops::SignHash request{run.required("--user"), run.text("--key"), *hash, *digest};
  ops::Backend& backend = run.backend(ops::Ahead::hsm);
  if (run.dry_run()) {
    ops::check_hash(backend, request, signer.pin);
    if (run.terminal.json)
      run.terminal.out_json(Json{{"user", request.user}});
    else
      run.terminal.out("the digest could be signed; nothing was signed");
    return 0;
  }
  ReceiptOutput receipt(run);
  const auto signed_hash = ops::sign_hash(backend, request, signer);
  run.terminal.was_done(signed_hash.audit_seq);
  std::vector<Json> jsons{ops::to_json(signed_hash)};
  const int status = receipt.write(run, jsons);
  if (run.terminal.json)
    run.terminal.out_json(jsons.front());
  else
    run.terminal.out(to_base64(signed_hash.signature));
  return status;
}

ops::Progress progress_of(Invocation& run) {
  return [&run](std::string_view what, std::size_t done, std::size_t of) {
    run.terminal.progress(done, of, what);
  };
}

// Everything but the factors: the documents wait in the session's file.
int run_prepare(Invocation& run, ops::SignDocuments request, const ops::SignerPrompt& signer) {
  request.only_prepare = true;
  for (const auto& document : request.documents)
    if (document.input == "-" || document.output == "-")
      throw Error(Fault::usage, "a session keeps files, not standard input or output");
  const auto prepared =
      ops::prepare_session(run.backend(), run.world(), request, signer.pin, run.text("--prepare"));
  const std::string challenge =
      prepared.request ? to_hex(sam::request_hash(*prepared.request)) : "";
  if (run.terminal.json) {
    Json documents = Json::array();
    for (std::size_t at = 0; at < prepared.manifest.entries.size(); ++at) {
      const auto& entry = prepared.manifest.entries[at];
      documents.push_back({{"name", entry.name},
                           {"pages", entry.pages},
                           {"file_sha256", to_hex(entry.file_sha256)},
                           {"content_digest", to_hex(entry.content_digest)}});
    }
    Json json = {{"session", prepared.session},
                 {"manifest_sha256", to_hex(sam::manifest_hash(prepared.manifest))},
                 {"challenge", challenge.empty() ? Json(nullptr) : Json(challenge)},
                 {"request", nullptr},
                 {"expires_at", nullptr},
                 {"documents", documents}};
    if (const auto& made = prepared.manifest.one_shot)
      json["one_shot"] = {{"subject", made->subject},
                          {"algorithm", made->algorithm},
                          {"seconds", made->seconds},
                          {"scal", made->scal}};
    if (prepared.request) {
      json["request"] = to_hex(prepared.request->id);
      json["expires_at"] = to_rfc3339(prepared.request->expires_at);
    }
    run.terminal.out_json(json);
  } else {
    for (const auto& line : sam::manifest_lines(prepared.manifest)) run.terminal.out(line);
    if (prepared.request) {
      run.terminal.out("challenge  " + challenge);
      run.terminal.out("until      " + to_rfc3339(prepared.request->expires_at));
    }
    run.terminal.note("Nothing was signed. Next: tsp sign --resume " + prepared.session);
  }
  return fault_row(Fault::input_needed).exit_status;
}

// The session holds what was prepared, and how.
void check_resume(const Invocation& run) {
  if (!run.texts("FILE").empty())
    throw Error(Fault::usage, "--resume takes its files from the session");
  constexpr const char* kPrepared[] = {
      "--key",    "--one-shot", "--scal",    "--suffix",       "--level",          "--format",
      "--reason", "--location", "--contact", "--field",        "--hash-algorithm", "--visible",
      "--image",  "--certify",  "--vri",     "--allow-damaged"};
  for (const char* option : kPrepared)
    if (run.given(option))
      throw Error(Fault::usage, "--resume does not read " + std::string(option),
                  "what the session holds was prepared already",
                  "leave it out, or prepare them anew with --prepare");
  if (run.text("-o") == "-")
    throw Error(Fault::usage, "a session keeps files, not standard input or output");
}

int run_resume(Invocation& run, const ops::SignerPrompt& signer) {
  check_resume(run);
  ops::ResumeSession request;
  request.session = run.text("--resume");
  request.output = run.text("-o");
  request.long_term = long_term_options(run);
  request.force = run.flag("--force");
  request.dry_run = run.dry_run();
  ReceiptOutput receipt(run);
  ops::Backend& backend = run.backend(ops::Ahead::hsm);
  const auto results = ops::resume_session(backend, run.world(), request, signer, progress_of(run));
  run.terminal.end_progress();
  return render(run, results, receipt);
}

void check_one_shot(const Invocation& run) {
  if (!run.flag("--one-shot")) {
    if (run.given("--scal"))
      throw Error(Fault::usage, "--scal goes with --one-shot", "a key that is there has its own");
    return;
  }
  if (run.given("--hash"))
    throw Error(Fault::usage, "--one-shot signs documents, no digest",
                "who made the digest cannot have named a certificate that is still to be made");
  for (const char* option : {"--key", "--resume", "--seal-from", "--share-from"})
    if (run.given(option))
      throw Error(Fault::usage, "--one-shot and " + std::string(option) + " exclude each other");
}

// What cannot be signed is told even where nothing is signed, since the factors were refused.
std::vector<ops::SignedDocument> sign_all(Invocation& run, ops::Backend& backend,
                                          const ops::SignDocuments& request,
                                          ops::SignerPrompt signer) {
  std::vector<ops::SignedDocument> failed;
  signer.unprepared = [&](std::vector<ops::SignedDocument> those) { failed = std::move(those); };
  try {
    return ops::sign_documents(backend, run.world(), request, signer, progress_of(run));
  } catch (const Error&) {
    run.terminal.end_progress();
    for (const auto& each : failed) tell_failure(run.terminal, each);
    throw;
  }
}

int sign(Invocation& run, const ops::SignerPrompt& signer) {
  if (run.given("--otp") && run.given("--otp-from"))
    throw Error(Fault::usage, "give --otp or --otp-from, not both");
  const int ways = (run.given("--hash") ? 1 : 0) + (run.given("--prepare") ? 1 : 0) +
                   (run.given("--resume") ? 1 : 0);
  if (ways > 1) throw Error(Fault::usage, "--hash, --prepare and --resume do not go together");
  check_one_shot(run);
  if (run.given("--hash")) return run_hash(run, signer);
  if (run.given("--resume")) return run_resume(run, signer);
  if (run.texts("FILE").empty())
    throw Error(Fault::usage, "tsp sign needs a file", "", "see tsp help sign");
  run.required("--user");
  const ops::SignDocuments request = sign_request(run);
  ops::Backend& backend = run.backend(ops::Ahead::hsm);
  if (run.given("--prepare") && !run.dry_run()) return run_prepare(run, request, signer);
  ReceiptOutput receipt(run);
  tell_signing(run, request);
  const auto results = sign_all(run, backend, request, signer);
  run.terminal.end_progress();
  return render(run, results, receipt);
}

// What comes out before the factors were answered has signed nothing, and says so.
int run_sign(Invocation& run) {
  bool answered = false;
  SignerPin pin(run);
  const auto ask = [&](const ops::FactorQuestion& question) {
    sam::Presented factors = factors_from(run, pin)(question);
    answered = true;
    return factors;
  };
  const auto ask_pin = [&] { return pin.ask(run.text("--user")); };
  try {
    return sign(run, {ask, ask_pin});
  } catch (const Error& error) {
    const bool refused = error.fault == Fault::factor_refused || error.fault == Fault::locked_out;
    if ((answered && !refused) || error.next.find(" signed") != std::string::npos) throw;
    throw Error(error.fault, error.failed, error.why,
                hint_of(error, &run.command) +
                    (run.given("--resume") ? "; nothing more was signed" : "; nothing was signed"),
                error.audit_seq);
  }
}

std::vector<OptionSpec> sign_options() {
  return {
      {"--user", "NAME", "the signer; needed but with --resume, whose session names him"},
      {"--key", "KEY", "the key to sign with (else the newest with a valid certificate)"},
      {"--one-shot", "",
       "sign with a key and a short-lived certificate made for these documents alone",
       Takes::nothing},
      {"--scal", "LEVEL", "with --one-shot: whose factors are asked for (else 1)", Takes::value,
       "1|2"},
      {"-o", "FILE", "the signed file; - is standard output (else NAME-signed.EXT)"},
      {"--suffix", "TEXT", "what the outputs' names get before the extension (else -signed)"},
      {"--level", "LEVEL", "PAdES level (else B-LT)", Takes::value, "B-B|B-T|B-LT|B-LTA"},
      {"--format", "FORMAT", "signature format", Takes::value, "pades"},
      {"--hash-algorithm", "HASH", "digest (else as the key suggests)", Takes::value,
       "sha256|sha384|sha512"},
      {"--pin-from", "SOURCE",
       "where the PIN comes from: prompt, fd:N, file:PATH, env:VAR, cred:NAME"},
      {"--otp", "CODE", "the one-time code"},
      {"--otp-from", "SOURCE", "where the one-time code comes from"},
      {"--share-from", "SOURCE",
       "where the activation file's line comes from (SCAL 2 without a device)"},
      {"--seal-from", "SOURCE",
       "a machine signs for a legal person: where its credential comes from (tsp seal open)"},
      {"--auth-socket", "PATH|none",
       "the authentication service that checks factors of SCAL 1 (else TSP_AUTH_SOCKET)"},
      {"--prepare", "SESSION",
       "prepare everything, print manifest and challenge, ask for nothing (exit 12)"},
      {"--resume", "SESSION",
       "go on where a session stands; -o may name its one document's output anew"},
      {"--reason", "TEXT", "why it is signed; stands in the document"},
      {"--location", "TEXT", "where it is signed"},
      {"--contact", "TEXT", "how the signer is reached"},
      {"--field", "NAME", "the signature field, existing or new"},
      {"--visible", "PAGE:X,Y,W,H", "draw the signature there, in points from the lower left"},
      {"--image", "PNG",
       "a picture in the visible signature; it also stands for lines the font cannot draw"},
      {"--certify", "WHAT", "make a certification signature that allows later", Takes::value,
       "no-changes|forms|forms-and-comments"},
      {"--tsa", "URL", "an RFC 3161 time-stamp server instead of the TSP's own", Takes::values},
      {"--tsa-policy", "OID", "the time-stamp policy that those servers must apply"},
      {"--trust", "PEM|DIR",
       "certificates of authorities, where paths may end that lead to no published root",
       Takes::values},
      {"--vri", "", "also write VRI entries, which tie evidence to its signature", Takes::nothing},
      {"--hash", "HEX", "sign this digest and print the raw signature value"},
      {"--allow-damaged", "", "sign a file whose cross-references had to be rebuilt",
       Takes::nothing},
      {"--receipt", "FILE", "write the results there, with their audit records and proofs of them"},
      {"--force", "", "replace existing output files", Takes::nothing}};
}

}  // namespace

std::vector<Command> sign_commands() {
  return {
      {.path = "sign",
       .summary = "sign documents with PIN and one-time code",
       .details =
           "Signs PDFs as PAdES. Several files are signed under one approval; each fails or "
           "succeeds for "
           "itself. The document stays in this process; the key never leaves the HSM. Earlier "
           "bytes of a "
           "PDF stay as they are.\n\nAll files are opened and prepared before a PIN is asked. "
           "A first interruption stops between two documents: those that were written stay, the "
           "others are named, and nothing is half done (exit 130).\n\nBefore a code is asked for "
           "the "
           "documents are shown with their pages, fingerprints in hex and words, and the "
           "certificate; a device shows the same. A code that is bound to the documents is "
           "answered between --prepare and --resume; the session's file holds no secret. What "
           "fails after the signature leaves a session too, and --resume finishes it without a "
           "new approval.\n\nB-T adds a time-stamp. B-LT, the default, also puts into the document "
           "what shows that no certificate of the signer and of the time-stamp server was revoked, "
           "made after the time-stamp; B-LTA a document time-stamp over all of it. Evidence about "
           "this TSP's own certificates is made here, other evidence is fetched from the addresses "
           "in the certificates. What is missing is named (exit 4).\n\nA machine signs for a legal "
           "person "
           "with --seal-from alone, in a window that operators opened (tsp seal "
           "open).\n\n--one-shot needs no key: once the factors are accepted, the HSM makes one, a "
           "certificate of minutes is issued for it that needs no revocation, the documents are "
           "signed, and the key is destroyed, whatever happens in between. It is never stored. The "
           "time-stamp shows later that the certificate was valid, so that B-B is refused. What is "
           "approved says so: no such approval lets another key sign, nor the other way "
           "round.\n\nA server tells who is no staff nothing by a name alone: name the key by its "
           "whole number (--key), or the PIN is asked for first.\n\nThe "
           "receipt holds, for "
           "each signature, the audit record and a C2SP tlog-proof of it against a checkpoint "
           "signed in the same call; tsp audit verify checks such a proof offline.",
       .operands = {{"FILE", Count::any, "PDF documents; - is standard input"}},
       .options = sign_options(),
       .exits = {4, 5, 6, 7, 8, 9, 10, 11, 12, 75, 130},
       .examples =
           {"tsp sign agreement.pdf --user alice",
            "tsp sign *.pdf --user alice --pin-from file:alice.pin --otp 287082",
            "tsp sign --prepare a.session agreement.pdf --user alice",
            "tsp sign --resume a.session --otp 12345678",
            "tsp sign agreement.pdf --user alice --one-shot",
            "tsp sign agreement.pdf --user alice --visible 3:66,212,222,66 --reason Agreed"},
       .parses_documents = true,
       .changes_state = true,
       .run = &run_sign}};
}

}  // namespace tsp::app
