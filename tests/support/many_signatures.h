// A document with many fields, each signed in a revision of its own.
#pragma once

#include <functional>

#include "support/pki_story.h"

namespace tsp::test {

// `cms` makes what a signature's /Contents holds (at most `room` octets; the rest are zeros) of the
// SHA-256 of its signed stretches.
Bytes signed_many_times(int count, std::size_t room,
                        const std::function<Bytes(ByteView digest)>& cms);
// By Anna, each time.
Bytes signed_by_anna(const Story& story, int count);
// How many a test makes that would take long with all that are allowed: `few`, or what the
// environment's TSP_MANY_SIGNATURES says (scripts/soak many).
int many_signatures(int few);

}  // namespace tsp::test
