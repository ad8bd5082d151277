#include "crypto/signer.h"

#include <openssl/core_dispatch.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <exception>
#include <utility>

#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"
#include "crypto/provider.h"

namespace tsp::crypto {
namespace provider {
namespace {

// What the last failed signer call of this thread threw.
thread_local std::exception_ptr kept;

constexpr const char* kProvider = "tsp";
constexpr const char* kProperties = "provider=tsp";

constexpr const char* all_names(Kind kind) {
  switch (kind) {
    case Kind::rsa:
      return "RSA:rsaEncryption:1.2.840.113549.1.1.1";
    case Kind::ec:
      return "EC:id-ecPublicKey:1.2.840.10045.2.1";
    case Kind::ed25519:
      return "ED25519:1.3.101.112";
  }
  return "";
}

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
  static const OSSL_ALGORITHM kKeys[] = {
      {all_names(Kind::rsa), kProperties, key_functions(Kind::rsa), nullptr},
      {all_names(Kind::ec), kProperties, key_functions(Kind::ec), nullptr},
      {all_names(Kind::ed25519), kProperties, key_functions(Kind::ed25519), nullptr},
      {nullptr, nullptr, nullptr, nullptr}};
  static const OSSL_ALGORITHM kSignatures[] = {
      {all_names(Kind::rsa), kProperties, signature_functions(Kind::rsa), nullptr},
      {"ECDSA", kProperties, signature_functions(Kind::ec), nullptr},
      {all_names(Kind::ed25519), kProperties, signature_functions(Kind::ed25519), nullptr},
      {nullptr, nullptr, nullptr, nullptr}};
  *no_cache = 0;
  if (operation == OSSL_OP_KEYMGMT) return kKeys;
  if (operation == OSSL_OP_SIGNATURE) return kSignatures;
  return nullptr;
}

int initialise(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH*, const OSSL_DISPATCH** out,
               void** context) {
  static const OSSL_DISPATCH kTable[] = {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
                                         {0, nullptr}};
  *out = kTable;
  *context = const_cast<OSSL_CORE_HANDLE*>(handle);
  return 1;
}

// One context a process, never freed: keys may outlive any moment at which it could be. The default
// provider beside ours encodes public keys (X509_set_pubkey).
OSSL_LIB_CTX* library_context() {
  static OSSL_LIB_CTX* const context = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    if (made == nullptr || OSSL_PROVIDER_add_builtin(made, kProvider, initialise) != 1 ||
        OSSL_PROVIDER_load(made, kProvider) == nullptr ||
        OSSL_PROVIDER_load(made, "default") == nullptr) {
      OSSL_LIB_CTX_free(made);
      throw Error(Fault::failed, "cannot set up OpenSSL for keys in the HSM");
    }
    return made;
  }();
  return context;
}

std::optional<Kind> kind_of(EVP_PKEY* key) {
  for (Kind kind : kKinds)
    if (EVP_PKEY_is_a(key, name_of(kind)) == 1) return kind;
  return std::nullopt;
}

}  // namespace

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::rsa:
      return "RSA";
    case Kind::ec:
      return "EC";
    case Kind::ed25519:
      return "ED25519";
  }
  return "";
}

std::optional<Bytes> ask(const Key& key, Scheme scheme, HashAlgorithm hash,
                         ByteView digest) noexcept {
  kept = nullptr;
  try {
    return key.signer->sign(scheme, hash, digest);
  } catch (...) {
    kept = std::current_exception();
    return std::nullopt;
  }
}

}  // namespace provider

EvpPkeyPtr evp_key_of(Signer& signer) {
  const PublicKey& shown = signer.public_key();
  const auto kind = provider::kind_of(shown.get());
  if (!kind) throw Error(Fault::policy_refused, "cannot sign with " + shown.description());
  Signer* address = &signer;
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(provider::kSignerParameter, &address, sizeof(void*)),
      OSSL_PARAM_construct_end()};
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(
      provider::library_context(), provider::name_of(*kind), provider::kProperties));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters) != 1)
    throw Error(Fault::failed, "OpenSSL does not take the key " + shown.description());
  return EvpPkeyPtr(key);
}

void rethrow_signer_error() {
  if (provider::kept) std::rethrow_exception(std::exchange(provider::kept, nullptr));
}

Bytes sign_octets(Signer& key, ByteView octets) {
  const auto algorithm = key.public_key().algorithm();
  if (!algorithm)
    throw Error(Fault::policy_refused, "this key signs nothing here",
                key.public_key().description(), "nothing was signed");
  const HashAlgorithm hash = default_hash(*algorithm);
  return key.sign(scheme_for(*algorithm, Purpose::infrastructure), hash, digest(hash, octets));
}

bool verify_octets(const PublicKey& key, ByteView octets, ByteView signature) {
  const auto algorithm = key.algorithm();
  if (!algorithm) return false;
  const HashAlgorithm hash = default_hash(*algorithm);
  return key.verify(scheme_for(*algorithm, Purpose::infrastructure), hash, digest(hash, octets),
                    signature);
}

}  // namespace tsp::crypto
