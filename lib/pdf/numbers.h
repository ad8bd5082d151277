// What both sides of the jail compute alike from the octets of a signature.
#pragma once

#include <optional>
#include <string_view>

#include "pdf/document.h"

namespace tsp::pdf {

// The sound four numbers of a /ByteRange: 0, a, b, c with a < b and b + c no more than `size`.
std::optional<ByteRange> sound_byte_range(const std::vector<std::int64_t>& raw, std::uint64_t size);

// "[0 a b c]" as it stands behind /ByteRange in what we write.
std::string byte_range_text(const ByteRange& range);

// '<', hex digits and white space, '>'; a missing last digit is 0 (ISO 32000-1 7.3.4.3).
std::optional<Bytes> decode_hex_token(std::string_view token);

}  // namespace tsp::pdf
