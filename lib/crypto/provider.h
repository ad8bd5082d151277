// Private to the room: the in-process OpenSSL provider behind evp_key_of(). It lives in a library
// context of its own, so that no fetch in the default context can ever meet it; OpenSSL reaches it
// through the key alone. A key is a Signer and its public twin, a key of the default provider that
// answers every question about public values; whatever is private stays with the Signer.
#pragma once

#include <openssl/core.h>

#include <array>
#include <memory>
#include <new>
#include <optional>

#include "crypto/signer.h"

namespace tsp::crypto::provider {

enum class Kind { rsa, ec, ed25519 };
inline constexpr std::array kKinds{Kind::rsa, Kind::ec, Kind::ed25519};

// What OpenSSL calls keydata. Without a signer it is a public key, made to be compared with.
struct Key {
  Signer* signer = nullptr;
  std::shared_ptr<EVP_PKEY> twin;
};

// The parameter by which evp_key_of() hands in the address of a Signer.
inline constexpr const char* kSignerParameter = "tsp-signer";

// The name that every OpenSSL path knows the key type by.
const char* name_of(Kind kind);
// OpenSSL's tables of functions for a kind; static.
const OSSL_DISPATCH* key_functions(Kind kind);
const OSSL_DISPATCH* signature_functions(Kind kind);

// Asks the signer; keeps what it throws for rethrow_signer_error() and then gives nothing.
std::optional<Bytes> ask(const Key& key, Scheme scheme, HashAlgorithm hash,
                         ByteView digest) noexcept;

// OpenSSL is C: nothing may be thrown through it. False where `work` says so or throws.
template <class Work>
int contained(Work&& work) noexcept {
  try {
    return work() ? 1 : 0;
  } catch (...) {
    return 0;
  }
}

// How OpenSSL wants a function in its tables.
template <class Function>
OSSL_DISPATCH entry(int id, Function* function) {
  return {id, reinterpret_cast<void (*)(void)>(function)};
}

}  // namespace tsp::crypto::provider
