// Digests. One shot, or piece by piece in one pass over a large file.
#pragma once

#include <openssl/evp.h>

#include <memory>

#include "base/release.h"
#include "crypto/algorithms.h"

namespace tsp::crypto {

Bytes digest(HashAlgorithm hash, ByteView data);
Bytes sha256(ByteView data);

class Hasher {
 public:
  explicit Hasher(HashAlgorithm hash);
  Hasher& update(ByteView data);
  // Ends the computation; the object is spent.
  Bytes finish();
  // Another that begins where this one is.
  Hasher fork() const;

 private:
  Hasher() = default;
  std::unique_ptr<EVP_MD_CTX, Release<&EVP_MD_CTX_free>> context_;
};

// OpenSSL's digest, fetched once a process; never to be freed.
const EVP_MD* md_of(HashAlgorithm hash);

}  // namespace tsp::crypto
