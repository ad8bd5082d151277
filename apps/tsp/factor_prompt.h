// Showing a signer what he is about to sign, and asking for what his group's policy wants: PIN,
// code, a device's approval, the activation file.
#pragma once

#include "invocation.h"
#include "ops/sign_documents.h"

namespace tsp::app {

// The signer's PIN, asked for once: by a server that tells nothing without it, or with the factors.
class SignerPin {
 public:
  explicit SignerPin(Invocation& run) : run_(run) {}
  Secret ask(const std::string& user);  // user empty: of the signer of a session

 private:
  Invocation& run_;
  std::optional<Secret> kept_;
};

// Prompts and waits; Error{input_needed} names the option where nobody can answer. `pin` outlives
// what is returned.
ops::AskFactors factors_from(Invocation& run, SignerPin& pin);

// A device's answer to a request. Interrupted by the user; Error{not_found} at the end of the
// request's time.
Bytes wait_for_answer(const ops::World& world, ops::Backend& backend, const Bytes& request);

// File name, pages, fingerprint and words of each document, what the certificate says, how many.
std::vector<std::string> what_is_signed(const ops::Credential& credential,
                                        const sam::Manifest& manifest);

}  // namespace tsp::app
