#include "sign_session.h"

#include "base/text.h"
#include "ops/sign_by_session.h"
#include "sam/manifest_view.h"
#include "sign_report.h"
#include "sign_request.h"

namespace tsp::app {
namespace {

// What the factors bind: empty where no request waits for a code.
std::string challenge_of(const ops::SessionPrepared& prepared) {
  return prepared.request ? to_hex(sam::request_hash(*prepared.request)) : "";
}

Json session_json(const ops::SessionPrepared& prepared) {
  Json documents = Json::array();
  for (const auto& entry : prepared.manifest.entries)
    documents.push_back({{"name", entry.name},
                         {"pages", entry.pages},
                         {"file_sha256", to_hex(entry.file_sha256)},
                         {"content_digest", to_hex(entry.content_digest)}});
  const std::string challenge = challenge_of(prepared);
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
  return json;
}

void show_prepared(Terminal& terminal, const ops::SessionPrepared& prepared) {
  for (const auto& line : sam::manifest_lines(prepared.manifest)) terminal.out(line);
  if (prepared.request) {
    terminal.out("challenge  " + challenge_of(prepared));
    terminal.out("until      " + to_rfc3339(prepared.request->expires_at));
  }
  terminal.note("Nothing was signed. Next: tsp sign --resume " + prepared.session);
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

}  // namespace

int run_prepare(Invocation& run, ops::SignDocuments request, const ops::SignerPrompt& signer) {
  request.only_prepare = true;
  for (const auto& document : request.documents)
    if (document.input == "-" || document.output == "-")
      throw Error(Fault::usage, "a session keeps files, not standard input or output");
  const auto prepared =
      ops::prepare_session(run.backend(), run.world(), request, signer.pin, run.text("--prepare"));
  if (run.terminal.json)
    run.terminal.out_json(session_json(prepared));
  else
    show_prepared(run.terminal, prepared);
  return fault_row(Fault::input_needed).exit_status;
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
  const auto results =
      ops::resume_session(backend, run.world(), request, signer, signing_progress(run));
  run.terminal.end_progress();
  return report_signing(run, results, receipt);
}

}  // namespace tsp::app
