// OpenSSL's path builder as objects that free themselves. Internal to the room.
#pragma once

#include <openssl/x509_vfy.h>

#include <memory>

#include "base/release.h"

namespace tsp::trust {

using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Release<&X509_STORE_CTX_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Release<&X509_STORE_free>>;

}  // namespace tsp::trust
