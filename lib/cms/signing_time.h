// The signing-time attribute, RFC 5652 section 11.3: UTCTime through 2049, GeneralizedTime after.
// Internal to the room.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/time.h"

namespace tsp::cms {

Bytes encode_signing_time(Time time);                  // whole seconds
std::optional<Time> parse_signing_time(ByteView der);  // of the whole Time; nothing when malformed

}  // namespace tsp::cms
