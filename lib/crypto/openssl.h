// What every user of OpenSSL's EVP interface needs: contexts that free themselves, and its error
// queue kept out of our way.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

#include "base/error.h"
#include "base/release.h"

namespace tsp::crypto {

using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Release<&EVP_PKEY_CTX_free>>;

// For steps that fail only when memory is out or the library is broken.
inline void expect(bool holds, const char* what) {
  if (!holds) throw Error(Fault::failed, "a cryptographic computation failed", what);
}

// Forgets, at the end of its scope, whatever OpenSSL queued on this thread since it began: a
// signature that does not verify is an answer and leaves nothing behind.
class QuietErrors {
 public:
  QuietErrors() { ERR_set_mark(); }
  ~QuietErrors() { ERR_pop_to_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

}  // namespace tsp::crypto
