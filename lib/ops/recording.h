// Committing what is done together with its record (the design's promise 3): when that fails the
// caller is told so, with exit 8, and whether the HSM had been called.
#pragma once

#include <functional>

#include "base/json.h"
#include "ops/provider.h"

namespace tsp::ops {

enum class Hsm { not_called, called };

// Runs `write` in a transaction and commits it; answers what `write` answers, a record's number.
// A store that cannot be written is Error{audit_before_signing} or, once the HSM was called,
// {audit_after_signing} with `next` as what became of the HSM's work. {busy} before the HSM was
// called, {already_exists} and {tampered} keep their names. What a failed fsync had already written
// may come to light later: a record without its result, never a result without its record.
std::int64_t commit(Provider& provider, Hsm hsm,
                    const std::function<std::int64_t(store::Transaction&)>& write,
                    const std::string& next = {});

// `audit_seq` of a receipt: the record's number, null for 0, where none was written. (Record 0 is
// the founding's, and no receipt names it.)
Json record_json(std::int64_t audit_seq);

}  // namespace tsp::ops
