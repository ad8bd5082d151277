// The signature dictionary, ISO 32000-1 12.8.1, with its hole.
#pragma once

#include "pdf/reading/object_writer.h"
#include "pdf/revision.h"

namespace tsp::pdf {

struct SignatureObject {
  std::string body;
  // Within the body: where kByteRangeWidth spaces wait for the numbers, and where '<' stands.
  std::size_t byte_range_at = 0, contents_at = 0;
};

// Room for three numbers of 20 digits.
inline constexpr std::size_t kByteRangeWidth = 64;

// Strings are encrypted as the writer does it, /Contents never. A lock becomes FieldMDP, its /P and
// a certification DocMDP. `catalog` is the object that FieldMDP speaks of.
SignatureObject signature_object(const SignatureOrder& order, const std::optional<FieldLock>& lock,
                                 const ObjectWriter& writer, QPDFObjGen catalog);

}  // namespace tsp::pdf
