// The signer's receipt (docs/formats/receipt.md): what was signed, each signature with its audit
// record and a proof that the log holds it, which anybody checks with the verifier keys alone.
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

// `results` as to_json(SignedDocument) and to_json(SignedHash) make them; a failed one with a
// record has that record, one without has none. Makes a signed checkpoint first. O(size of the log)
// for each result. Errors: those of make_checkpoint().
Json make_receipt(Provider& provider, const std::vector<Json>& results);

}  // namespace tsp::ops
