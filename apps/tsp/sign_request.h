// What the options of tsp sign order.
#pragma once

#include "invocation.h"
#include "ops/sign_documents.h"

namespace tsp::app {

// --tsa, --trust and --vri, and the cache of HOME.
ops::LongTermOptions long_term_options(const Invocation& run);

// Error{usage} for options that make no sense together, a place that is not understood, outputs
// that meet each other or their input, and binary output to a terminal.
ops::SignDocuments sign_request(const Invocation& run);

}  // namespace tsp::app
