// Showing a signer what he is about to sign, and asking for what his group's policy wants: PIN,
// code, a device's approval, the activation file.
#pragma once

#include "invocation.h"
#include "ops/sign_documents.h"

namespace tsp::app {

// Prompts and waits; Error{input_needed} names the option where nobody can answer.
ops::AskFactors factors_from(Invocation& run);

// A device's answer to a request. Interrupted by the user; Error{not_found} at the end of the
// request's time.
Bytes wait_for_answer(const ops::World& world, ops::Backend& backend, const Bytes& request);

// File name, pages, fingerprint and words of each document, what the certificate says, how many.
std::vector<std::string> what_is_signed(const ops::Credential& credential,
                                        const sam::Manifest& manifest);

}  // namespace tsp::app
