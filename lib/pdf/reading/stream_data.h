// The decoded octets of a stream, up to a limit, by qpdf's filters. Internal to the room, inside
// the jail.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "pdf/reading/qpdf_headers.h"

namespace tsp::pdf {

// What qpdf says of a stream of its own document. `exceeded` when there is more than `limit`.
std::optional<Bytes> decoded(QPDFObjectHandle stream, std::size_t limit, bool& exceeded);

// Octets that stand in the file, by /Filter and /DecodeParms as they are written there (empty: none
// are). Nothing when they refer to other objects, are malformed, do not fit the octets, or when
// there is more than `limit`.
class StreamDecoder {
 public:
  StreamDecoder();
  std::optional<Bytes> decode(const std::string& raw, const std::string& filter,
                              const std::string& parameters, std::size_t limit);

 private:
  QPDF scratch_;
  QPDFObjectHandle stream_;
};

}  // namespace tsp::pdf
