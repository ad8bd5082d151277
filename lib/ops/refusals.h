// Refusals of callers whom nobody vouches for yet (a name that no signer has): one record per
// caller and reason a minute, so that nobody fills the log by asking. The rest of the minute is
// counted, and the count goes on record when the minute is over and somebody looks.
#pragma once

#include <optional>

#include "ops/provider.h"

namespace tsp::ops {

// The record of this refusal, or nothing when this minute has one for the caller and reason
// already.
std::optional<std::int64_t> record_refusal(Provider& provider, const audit::Event& event,
                                           const std::string& reason);
// Puts the counts of past minutes on record. Called by record_refusal() and before each checkpoint.
void flush_refusals(Provider& provider);

}  // namespace tsp::ops
