// JSON from outside is read strictly: UTF-8, no duplicate names, bounded depth and size. What we
// write is compact, names in the order they were given.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/bytes.h"

namespace tsp {

using Json = nlohmann::ordered_json;

struct JsonLimits {
  std::size_t size = 1 << 20;  // octets
  int depth = 16;
};

// Throws Error{bad_input} that names `source` and the offset.
Json parse_json(ByteView text, const std::string& source, const JsonLimits& limits = {});
// Compact UTF-8; invalid octets in strings become U+FFFD.
std::string dump(const Json& value);

}  // namespace tsp
