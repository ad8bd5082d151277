// AlgorithmIdentifiers of hostile messages. Internal to the room.
#pragma once

#include <optional>
#include <string>

#include "cms/ber.h"
#include "crypto/algorithms.h"

namespace tsp::cms {

// A digest algorithm; parameters absent or NULL (RFC 5754 section 2). Nothing when unknown or with
// other parameters.
std::optional<crypto::HashAlgorithm> digest_algorithm(const ber::Element& identifier);

struct SignatureAlgorithm {
  std::string oid;  // empty when malformed
  std::optional<crypto::Scheme> scheme;
};
// The scheme when it is known and agrees with `hash`, the message's digest algorithm: the hash that
// the identifier implies or (PSS) states, for MGF1 too, with a salt as long as it.
SignatureAlgorithm signature_algorithm(const ber::Element& identifier,
                                       std::optional<crypto::HashAlgorithm> hash);

}  // namespace tsp::cms
