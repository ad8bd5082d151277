// tsp sign --prepare and --resume: documents that wait in a session's file until the factors are
// answered. Both return the exit status.
#pragma once

#include "invocation.h"
#include "ops/sign_documents.h"

namespace tsp::app {

// Everything but the factors; shows the manifest and the challenge. Error{usage} for standard input
// or output.
int run_prepare(Invocation& run, ops::SignDocuments request, const ops::SignerPrompt& signer);

// Goes on where the session stands. Error{usage} for options that say again what the session holds.
int run_resume(Invocation& run, const ops::SignerPrompt& signer);

}  // namespace tsp::app
