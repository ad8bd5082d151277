// One document on its way to a signature, and the steps of that way. For the files of signing
// alone.
#pragma once

#include "base/files.h"
#include "ops/sign_documents.h"

namespace tsp::ops {

// What holds for every document of one call.
struct SigningPlan {
  Credential credential;
  Time now;  // claimed signing time, whole seconds
  crypto::Scheme scheme;
  crypto::HashAlgorithm hash;
  std::string level;
  std::vector<std::string> tsa_urls;

  bool with_timestamp() const { return level != "B-B"; }
};
// Error{tampered} for a key of an unknown algorithm.
SigningPlan make_plan(Credential credential, Time now, std::optional<crypto::HashAlgorithm> hash,
                      std::string level, std::vector<std::string> tsa_urls);

struct Work {
  Fd input;
  std::unique_ptr<OutputFile> output;         // none: standard output
  std::optional<ades::PreparedPdf> prepared;  // gone once it failed or is written
  Bytes signature;                            // once the HSM made it
  SignedDocument receipt;
};
Work begin_work(const SigningPlan& plan, const std::string& input, const std::string& output);
// The document is not signed: `error` names it from now on.
void fail(Work& work, const Error& error);

// As the signer is shown it.
std::string shown_name(const std::string& input);

// Opens and prepares every document; what cannot be signed has its error.
std::vector<Work> prepare_documents(Backend& backend, const World& world,
                                    const SignDocuments& request, const SigningPlan& plan,
                                    const Progress& progress);
// Of those that are prepared.
sam::Manifest manifest_of(const SigningPlan& plan, const std::vector<Work*>& works);

// Approved, signed in the HSM, stamped and written, each for itself. What fails once its signature
// is there leaves a session beside its output, if it has one.
void sign_and_finish(Backend& backend, const World& world, const SigningPlan& plan,
                     const sam::Manifest& manifest, const sam::Presented& factors,
                     const std::vector<Work*>& works, const Progress& progress);
// Stamps, closes and writes a document whose signature is there.
void finish_document(Backend& backend, const World& world, const SigningPlan& plan, Work& work);

}  // namespace tsp::ops
