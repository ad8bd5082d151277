#include <fmt/format.h>

#include "base/text.h"
#include "factor_prompt.h"
#include "hint.h"
#include "invocation.h"
#include "ops/sign_documents.h"
#include "sign_hash.h"
#include "sign_report.h"
#include "sign_request.h"
#include "sign_session.h"

namespace tsp::app {
namespace {

void tell_signing(const Invocation& run, const ops::SignDocuments& request) {
  std::string tsa = "this TSP's own";
  if (!request.long_term.tsa_urls.empty())
    tsa = printable(fmt::format("{}", fmt::join(request.long_term.tsa_urls, ", then ")));
  if (request.level == "B-B") tsa = "none";
  run.terminal.detail(fmt::format("Signing {} documents at level {}; time-stamp server: {}",
                                  request.documents.size(), request.level, tsa));
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
    return ops::sign_documents(backend, run.world(), request, signer, signing_progress(run));
  } catch (const Error&) {
    run.terminal.end_progress();
    for (const auto& each : failed) tell_failure(run.terminal, each);
    throw;
  }
}

// Checks which ways go together, and goes the one that the options say.
int sign(Invocation& run, const ops::SignerPrompt& signer) {
  if (run.given("--otp") && run.given("--otp-from"))
    throw Error(Fault::usage, "give --otp or --otp-from, not both");
  const int ways = (run.given("--hash") ? 1 : 0) + (run.given("--prepare") ? 1 : 0) +
                   (run.given("--resume") ? 1 : 0);
  if (ways > 1) throw Error(Fault::usage, "--hash, --prepare and --resume do not go together");
  check_one_shot(run);
  if (run.given("--hash")) return run_sign_hash(run, signer);
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
  return report_signing(run, results, receipt);
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
