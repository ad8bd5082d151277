#include "crypto/library.h"

#include <openssl/crypto.h>

#include "base/sanitized.h"

namespace tsp::crypto {

void leave_tables_standing() {
  if (!kSanitized) ::OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
}

}  // namespace tsp::crypto
