// What certificates and evidence of the tests are made with.
#pragma once

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "base/error.h"
#include "base/release.h"

namespace tsp::test {

using ConfigurationPtr = std::unique_ptr<CONF, Release<&NCONF_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Release<&X509_EXTENSION_free>>;

inline void expect(bool holds, const std::string& what) {
  if (holds) return;
  char reason[256];
  ERR_error_string_n(ERR_peek_last_error(), reason, sizeof reason);
  throw Error(Fault::failed, "test data: " + what, reason);
}

}  // namespace tsp::test
