// Signing in two calls, with a session in a file (signing_session.h) between them.
#pragma once

#include "ops/sign_documents.h"

namespace tsp::ops {

// Prepares everything and writes it to `session` (signing_session.h), with the request that a
// device, an OCRA code or a sent code answers where the policy asks for one. Nothing is asked, no
// try is spent, but for `pin` as of SignerPrompt. One document that cannot be signed stops all.
struct SessionPrepared {
  std::string session;
  sam::Manifest manifest;
  std::optional<sam::ActivationRequest> request;
};
SessionPrepared prepare_session(Backend& backend, const World& world, const SignDocuments& request,
                                const std::function<Secret()>& pin, const std::string& session);
struct ResumeSession {
  std::string session;
  std::string output;         // of its one document; empty: as it was prepared
  LongTermOptions long_term;  // no time-stamp servers: those of the session
  bool force = false, dry_run = false;
};
// Goes on where a session stands: with the factors, or, where the signatures are there, with
// time-stamp, evidence and file. The session keeps what is not finished, with its signatures; its
// file goes once every document is written. Error{usage} for an output of several documents.
std::vector<SignedDocument> resume_session(Backend& backend, const World& world,
                                           const ResumeSession& request, const SignerPrompt& signer,
                                           const Progress& progress = {});

}  // namespace tsp::ops
