// MessageImprint of RFC 3161, and nonces and serials as magnitudes. Internal to the room.
#pragma once

#include <optional>

#include "cms/ber.h"
#include "crypto/algorithms.h"

namespace tsp::cms {

struct Imprint {
  std::optional<crypto::HashAlgorithm> hash;  // nothing: unknown, or parameters that are not NULL
  Bytes digest;
  bool fits() const { return hash && digest.size() == crypto::size_of(*hash); }
};
Bytes encode_imprint(crypto::HashAlgorithm hash, ByteView digest);
Imprint read_imprint(ber::Members& fields);
// A non-negative INTEGER as its magnitude.
Bytes read_magnitude(const ber::Members& parent, const ber::Element& integer, const char* what);
bool read_boolean(const ber::Members& parent, const ber::Element& element);

}  // namespace tsp::cms
