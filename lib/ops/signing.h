// One document on its way to a signature, and the steps of that way. For the files of signing
// alone.
#pragma once

#include <chrono>

#include "base/files.h"
#include "ops/long_term.h"
#include "ops/sign_documents.h"

namespace tsp::ops {

// Whether further revisions are planned after signing; perhaps one for a token that is too large.
inline bool parses_later(Level level, const LongTermOptions& long_term) {
  return level >= Level::b_lt || (level == Level::b_t && !long_term.tsa_urls.empty());
}

// What holds for every document of one call.
struct SigningPlan {
  Credential credential;
  Time now;  // claimed signing time, whole seconds
  crypto::Scheme scheme;
  crypto::HashAlgorithm hash;
  Level level;
  LongTermOptions long_term;
  // Whether the key is gone after this call: what is left of it is what a session holds.
  enum class Key { stays, goes } after = Key::stays;
  // The session that these documents come from, once it holds their signatures: what fails stays in
  // it. Empty: a new one is left beside each output.
  std::string session = {};

  bool with_timestamp() const { return level >= Level::b_t; }
  bool with_evidence() const { return level >= Level::b_lt; }
  FactorQuestion::Parsing parsing() const {
    return parses_later(level, long_term) ? FactorQuestion::Parsing::goes_on
                                          : FactorQuestion::Parsing::over;
  }
};
// --- signing_plan.cpp. The PIN is asked for where the backend tells nothing without it; `ask_pin`
// may be empty.
using AskPin = std::function<Secret()>;
Credential own_credential(Backend& backend, const std::string& user, const std::string& key,
                          const AskPin& ask_pin);
Credential one_shot_credential(Backend& backend, const std::string& user, int scal,
                               const AskPin& ask_pin);
Credential credential_for(Backend& backend, const SignDocuments& request, const AskPin& ask_pin);
// Error{tampered} for a key of an unknown algorithm, {usage} for an unknown level, and for B-B with
// a key and certificate of its own.
SigningPlan make_plan(Credential credential, Time now, std::optional<crypto::HashAlgorithm> hash,
                      const std::string& level, LongTermOptions long_term);

struct Work {
  Fd input;
  std::unique_ptr<OutputFile> output;         // none: standard output
  std::optional<ades::PreparedPdf> prepared;  // gone once it failed or is written
  Bytes signature;                            // once the HSM made it
  Bytes token;                                // once the signature's time-stamp was made
  Bytes proof;                                // that, or the document time-stamp in its place
  Bytes contents;                             // of the closed signature, with padding
  std::unique_ptr<GrowingFile> document;      // once it was closed, where it grows further
  SignedDocument receipt;
};
Work begin_work(const SigningPlan& plan, const std::string& input, const std::string& output);
// The document is not signed: `error` names it from now on.
void fail(Work& work, const Error& error);
// Those that did not fail, and are not written yet.
std::vector<Work*> prepared_works(std::vector<Work>& works);
std::vector<SignedDocument> receipts_of(std::vector<Work>& works);  // moved out

// As the signer is shown it.
std::string shown_name(const std::string& input);

// The first document, which the jail reads while it is found out who signs. Nothing for standard
// input, which waits for its turn, and for what cannot be opened, which is told in its turn.
struct FirstDocument {
  Fd input;
  pdf::Preparation preparation;
  std::chrono::steady_clock::time_point since;
};
std::optional<FirstDocument> begin_first(const World& world, const SignDocuments& request);

// Opens and prepares every document; what cannot be signed has its error.
std::vector<Work> prepare_documents(Backend& backend, const World& world,
                                    const SignDocuments& request, const SigningPlan& plan,
                                    std::optional<FirstDocument> first, const Progress& progress);
// Of those that are prepared.
sam::Manifest manifest_of(const SigningPlan& plan, const std::vector<Work*>& works);

// Approved and signed in the HSM, each for itself. Of a one-shot credential the plan and the
// documents know key and certificate from then on.
void sign_in_hsm(Backend& backend, const World& world, SigningPlan& plan,
                 const sam::Manifest& manifest, const sam::Presented& factors,
                 const std::vector<Work*>& works, const Progress& progress);
// Stamps, closes, protects and writes documents whose signatures are there: first every time-stamp,
// then the evidence, which therefore serves them all. What fails leaves a session beside its
// output, if it has one.
void finish_documents(Backend& backend, const World& world, const SigningPlan& plan,
                      const std::vector<Work*>& works, const Progress& progress);

}  // namespace tsp::ops
