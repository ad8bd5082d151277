// OpenSSL's error queue, kept out of our way.
#pragma once

#include <openssl/err.h>

namespace tsp::crypto {

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
