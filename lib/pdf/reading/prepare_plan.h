// Planning of a signature's revision inside the jail, for the parsers that do so.
#pragma once

#include "pdf/codec.h"
#include "pdf/reading/open.h"

namespace tsp::pdf {

// Errors as prepare() has them; call it within guarded().
PreparedRevision plan_signature(Opened& document, const PrepareRequest& request);

}  // namespace tsp::pdf
