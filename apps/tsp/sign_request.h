// What the options of tsp sign order.
#pragma once

#include "invocation.h"
#include "ops/sign_documents.h"

namespace tsp::app {

// Error{usage} for options that make no sense together, a place that is not understood, outputs
// that meet each other or their input, and binary output to a terminal.
ops::SignDocuments sign_request(const Invocation& run);

}  // namespace tsp::app
