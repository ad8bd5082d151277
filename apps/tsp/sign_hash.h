// tsp sign --hash: a digest that somebody else made, and the bare signature value.
#pragma once

#include "invocation.h"
#include "ops/sign_documents.h"

namespace tsp::app {

// The exit status. Error{usage} for files beside it, and for what is no digest of
// --hash-algorithm.
int run_sign_hash(Invocation& run, const ops::SignerPrompt& signer);

}  // namespace tsp::app
