// What each kind of worker does with a request: verbs of our own API, of the CSC API and of relying
// parties. One desk a process, on a Provider that has logged in to this kind's tokens alone.
#pragma once

#include <memory>

#include "ops/provider.h"
#include "serve/router.h"
#include "serve/worker.h"

namespace tsp::serve {

// Each logs in. Error{hsm_unavailable}.
std::unique_ptr<Desk> open_approval_desk(ops::Provider& provider, Service service = Service::all);
// Certificates for one-shot keys are asked of the authority's worker through the channel.
std::unique_ptr<Desk> open_signature_desk(ops::Provider& provider, Channel& channel);
std::unique_ptr<Desk> open_pki_desk(ops::Provider& provider);

}  // namespace tsp::serve
