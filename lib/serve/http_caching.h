// What relying parties may keep of an answer, and what they have already (RFC 9110 8.8 and 13,
// RFC 9111 5.2, RFC 5019 6).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "serve/message.h"

namespace tsp::serve {

inline constexpr int kNotModified = 304;

// The fields of a GET or HEAD, empty where they are not there.
struct Condition {
  std::string none_match;      // If-None-Match
  std::string modified_since;  // If-Modified-Since; counts only without the other
};

// The fields for the answer: Date, Cache-Control, and of what may be kept Expires, Last-Modified
// and, with `condition`, ETag. Where the caller has it already it becomes a 304 without a body.
std::vector<std::pair<std::string, std::string>> caching_fields(
    Answer& answer, const std::optional<Condition>& condition, Time now);

// Strong: quotes around the first 128 bits of the body's SHA-256.
std::string entity_tag(ByteView body);

}  // namespace tsp::serve
