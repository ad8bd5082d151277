// Private to the room: what OpenSSL sets on and asks of a signature in the making. Padding and salt
// length arrive as int or as text, digests under any of their names.
#pragma once

#include <openssl/rsa.h>

#include "crypto/provider.h"

namespace tsp::crypto::provider {

struct Settings {
  Kind kind;
  std::optional<HashAlgorithm> hash;  // none for Ed25519
  std::optional<HashAlgorithm> mask;  // MGF1's, where it was set; must be the hash
  int padding = RSA_PKCS1_PADDING;    // or RSA_PKCS1_PSS_PADDING
  int salt = RSA_PSS_SALTLEN_DIGEST;  // or a number of octets; must be the hash's size

  Scheme scheme() const;
  // True when a Signer can make such a signature: a hash is known where one is needed, and PSS has
  // one hash throughout and a salt of its size.
  bool complete() const;
};

// A parameter by name and OSSL_PARAM_… type, for the lists that tell OpenSSL which there are.
constexpr OSSL_PARAM described(const char* name, unsigned type) {
  return {name, type, nullptr, 0, OSSL_PARAM_UNMODIFIED};
}

std::optional<HashAlgorithm> hash_of_name(std::string_view name);

// False for values that no Signer can honour.
bool set(Settings& settings, const OSSL_PARAM parameters[]);
bool get(const Settings& settings, OSSL_PARAM parameters[]);
const OSSL_PARAM* settable_settings();
const OSSL_PARAM* gettable_settings();

}  // namespace tsp::crypto::provider
