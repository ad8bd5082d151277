// A root, an issuing CA and a signer, for the tests of this room; made once a process.
#pragma once

#include "base/error.h"
#include "support/catch.h"
#include "support/certificates.h"
#include "trust/path.h"

namespace tsp::test {

inline const Time kNow = *from_rfc3339("2026-11-21T09:30:00Z");

inline Extensions with(Extensions extensions, const std::string& name, const std::string& value) {
  for (auto& [present, content] : extensions)
    if (present == name) {
      content = value;
      return extensions;
    }
  extensions.emplace_back(name, value);
  return extensions;
}
inline Extensions without(Extensions extensions, const std::string& name) {
  std::erase_if(extensions, [&](const auto& extension) { return extension.first == name; });
  return extensions;
}

inline const Holder& root() {
  static const Holder holder({"TEST Root", ca_extensions()});
  return holder;
}
inline const Holder& issuing() {
  static const Holder holder({"TEST Issuing", ca_extensions()}, root());
  return holder;
}
inline const Holder& signer() {
  static const Holder holder({"TEST Signer", signer_extensions()}, issuing());
  return holder;
}

inline trust::TrustStore store_of(const Holder& anchor) {
  return trust::TrustStore({anchor.certificate()});
}
inline std::vector<x509::Certificate> pool_of(std::initializer_list<Holder> holders) {
  std::vector<x509::Certificate> out;
  for (const Holder& holder : holders) out.push_back(holder.certificate());
  return out;
}

}  // namespace tsp::test
