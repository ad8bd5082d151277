// A root, a signer and a time-stamping unit for the tests of this room; made once a process.
#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "cms/timestamp.h"
#include "crypto/digest.h"
#include "support/catch.h"
#include "support/certificates.h"
#include "support/command.h"

#include <openssl/pem.h>

namespace tsp::test {

using crypto::HashAlgorithm;
using crypto::KeyAlgorithm;
using crypto::Purpose;

inline const Holder& root() {
  static const Holder holder({"TEST Root", ca_extensions()});
  return holder;
}
inline const Holder& holder_of(const std::string& name, const Extensions& extensions,
                               KeyAlgorithm algorithm) {
  static std::map<std::pair<std::string, KeyAlgorithm>, Holder> made;
  const auto key = std::pair(name, algorithm);
  const auto found = made.find(key);
  if (found != made.end()) return found->second;
  return made.emplace(key, Holder({name, extensions}, root(), algorithm)).first->second;
}
inline const Holder& signer(KeyAlgorithm algorithm = KeyAlgorithm::ecdsa_p256) {
  return holder_of("TEST Signer", signer_extensions(), algorithm);
}
inline const Holder& unit(KeyAlgorithm algorithm = KeyAlgorithm::ecdsa_p256) {
  return holder_of("TEST TSU", tsu_extensions(), algorithm);
}

// Closes a signature over `content` as a document's is closed: attributes, digest, key, assembly.
inline cms::Parts signed_parts(const Holder& holder, ByteView content,
                               const cms::AttributeOptions& options = {}) {
  const KeyAlgorithm algorithm = *holder.key().public_key().algorithm();
  const HashAlgorithm hash = crypto::default_hash(algorithm);
  const crypto::Scheme scheme = crypto::scheme_for(algorithm, Purpose::document);
  const Bytes attributes =
      cms::signed_attributes(hash, crypto::digest(hash, content), holder.certificate(), options);
  const bool message = scheme == crypto::Scheme::ed25519;
  const Bytes value =
      holder.key().sign(scheme, hash, message ? attributes : crypto::digest(hash, attributes));
  cms::Parts parts{attributes, hash, scheme, value, holder.certificate(), {}, {}};
  parts.content_type = options.content_type;
  return parts;
}

inline cms::TstInfo info_over(ByteView data) {
  cms::TstInfo info{};
  info.policy = "2.25.1234567890";
  info.hash = HashAlgorithm::sha256;
  info.imprint = crypto::sha256(data);
  info.serial = {0x80, 0x01};
  info.time = *from_rfc3339("2026-11-21T09:30:00Z");
  return info;
}

inline void put_key(const Folder& folder, const std::string& name, const Holder& holder) {
  FILE* file = std::fopen(folder.file(name).c_str(), "w");
  const int ok =
      PEM_write_PrivateKey(file, holder.key().key(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  if (ok != 1) throw std::runtime_error("cannot write a key");
}

template <class Call>
Fault fault_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.fault;
  }
  throw std::runtime_error("nothing was thrown");
}

}  // namespace tsp::test
