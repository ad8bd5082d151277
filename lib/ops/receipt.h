// The signer's receipt (docs/formats/receipt.md): what was signed, each signature with its audit
// record and a proof that the log holds it, which anybody checks with the verifier keys alone.
#pragma once

#include "ops/backend.h"

namespace tsp::ops {

// `results` as to_json(SignedDocument) and to_json(SignedHash) make them; a failed one with a
// record has that record, one without has none. A signed checkpoint is made first. O(size of the
// log) for each result. Errors: those of prove_records().
Json make_receipt(Backend& backend, const std::vector<Json>& results);

// {checkpoint, records: [{record, proof}]}, in the order of the numbers. Without a checkpoint one
// is signed. Who is no auditor is shown what he did himself: {not_found} else. Errors: those of
// make_checkpoint() and audit::prove().
Json prove_records(Provider& provider, const std::vector<std::int64_t>& numbers,
                   const std::string& checkpoint);

}  // namespace tsp::ops
