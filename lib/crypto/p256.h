// Keys of P-256 and Ed25519 in memory, as octets and as OpenSSL's. For this room alone.
#pragma once

#include "base/secret.h"
#include "crypto/public_key.h"

namespace tsp::crypto {

inline constexpr std::size_t kPrivateSize = 32;  // octets: scalar or seed

// Error{failed} where OpenSSL makes none.
EvpPkeyPtr generate_p256();
EvpPkeyPtr generate_ed25519();

// The key with this scalar, big-endian, 1 to the order less one. Error{bad_input} for others.
EvpPkeyPtr p256_from_private(ByteView scalar);
EvpPkeyPtr ed25519_from_private(ByteView seed);  // Error{bad_input} for another length
Secret p256_private(EVP_PKEY* key);
Secret ed25519_private(EVP_PKEY* key);

// The public key with this uncompressed point. Nothing for others, or one not on the curve.
EvpPkeyPtr p256_from_point(ByteView point);
Bytes p256_point(EVP_PKEY* key);

}  // namespace tsp::crypto
