// Key management: provider-keymgmt(7).
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <cstring>

#include "crypto/openssl.h"
#include "crypto/provider.h"
#include "crypto/provider_parameters.h"

namespace tsp::crypto::provider {
namespace {

Key& key_of(void* data) {
  return *static_cast<Key*>(data);
}

const Key& key_of(const void* data) {
  return *static_cast<const Key*>(data);
}

void* make_key(void*) {
  return new (std::nothrow) Key;
}

void release_key(void* data) {
  delete static_cast<Key*>(data);
}

void* duplicate_key(const void* data, int selection) {
  auto* copy = new (std::nothrow) Key(key_of(data));
  if (copy != nullptr && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0) copy->signer = nullptr;
  return copy;
}

int has(const void* data, int selection) {
  const Key& key = key_of(data);
  if (!key.twin) return 0;
  return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 || key.signer != nullptr ? 1 : 0;
}

// Private keys cannot be compared; equal public values say the same.
int match(const void* one, const void* other, int) {
  const Key &a = key_of(one), &b = key_of(other);
  return a.twin && b.twin && EVP_PKEY_eq(a.twin.get(), b.twin.get()) == 1 ? 1 : 0;
}

// The signer whose address is among the parameters, if there is one.
Signer* signer_in(const OSSL_PARAM parameters[]) {
  const OSSL_PARAM* found = OSSL_PARAM_locate_const(parameters, kSignerParameter);
  Signer* signer = nullptr;
  constexpr std::size_t kAddress = sizeof(void*);
  if (found != nullptr && found->data_size == kAddress) std::memcpy(&signer, found->data, kAddress);
  return signer;
}

// Either the address of a Signer, or the public values of a key that ours is compared with.
template <Kind kind>
int import(void* data, int selection, const OSSL_PARAM parameters[]) {
  return contained([&] {
    Key& key = key_of(data);
    if (Signer* signer = signer_in(parameters)) {
      EVP_PKEY* twin = signer->public_key().get();
      if (EVP_PKEY_up_ref(twin) != 1) return false;
      key.twin.reset(twin, Release<&EVP_PKEY_free>());
      key.signer = signer;
      return true;
    }
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) return false;
    const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, name_of(kind), nullptr));
    EVP_PKEY* twin = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &twin, selection, const_cast<OSSL_PARAM*>(parameters)) !=
            1)
      return false;
    key.twin.reset(twin, Release<&EVP_PKEY_free>());
    return true;
  });
}

// Public values alone. That a private selection is refused is what makes OpenSSL's signing come
// back to this provider instead of the default one.
int give(void* data, int selection, OSSL_CALLBACK* take, void* argument) {
  const Key& key = key_of(data);
  if (!key.twin || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) return 0;
  return EVP_PKEY_export(key.twin.get(), selection, take, argument);
}

const OSSL_PARAM* exchanged(int selection) {
  static constexpr OSSL_PARAM kPublic[] = {
      described(OSSL_PKEY_PARAM_RSA_N, OSSL_PARAM_UNSIGNED_INTEGER),
      described(OSSL_PKEY_PARAM_RSA_E, OSSL_PARAM_UNSIGNED_INTEGER),
      described(OSSL_PKEY_PARAM_GROUP_NAME, OSSL_PARAM_UTF8_STRING),
      described(OSSL_PKEY_PARAM_PUB_KEY, OSSL_PARAM_OCTET_STRING), OSSL_PARAM_END};
  return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ? nullptr : kPublic;
}

int get_key_parameters(void* data, OSSL_PARAM parameters[]) {
  const Key& key = key_of(data);
  return key.twin ? EVP_PKEY_get_params(key.twin.get(), parameters) : 0;
}

const OSSL_PARAM* gettable_of_key(void*) {
  static constexpr OSSL_PARAM kAll[] = {
      described(OSSL_PKEY_PARAM_BITS, OSSL_PARAM_INTEGER),
      described(OSSL_PKEY_PARAM_SECURITY_BITS, OSSL_PARAM_INTEGER),
      described(OSSL_PKEY_PARAM_MAX_SIZE, OSSL_PARAM_INTEGER),
      described(OSSL_PKEY_PARAM_DEFAULT_DIGEST, OSSL_PARAM_UTF8_STRING),
      described(OSSL_PKEY_PARAM_MANDATORY_DIGEST, OSSL_PARAM_UTF8_STRING),
      described(OSSL_PKEY_PARAM_GROUP_NAME, OSSL_PARAM_UTF8_STRING),
      described(OSSL_PKEY_PARAM_PUB_KEY, OSSL_PARAM_OCTET_STRING),
      described(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, OSSL_PARAM_OCTET_STRING),
      described(OSSL_PKEY_PARAM_RSA_N, OSSL_PARAM_UNSIGNED_INTEGER),
      described(OSSL_PKEY_PARAM_RSA_E, OSSL_PARAM_UNSIGNED_INTEGER),
      OSSL_PARAM_END};
  return kAll;
}

template <Kind kind>
const char* operation_name(int operation) {
  return kind == Kind::ec && operation == OSSL_OP_SIGNATURE ? "ECDSA" : name_of(kind);
}

template <Kind kind>
const OSSL_DISPATCH* key_functions() {
  static const OSSL_DISPATCH kTable[] = {
      entry(OSSL_FUNC_KEYMGMT_NEW, make_key),
      entry(OSSL_FUNC_KEYMGMT_FREE, release_key),
      entry(OSSL_FUNC_KEYMGMT_DUP, duplicate_key),
      entry(OSSL_FUNC_KEYMGMT_HAS, has),
      entry(OSSL_FUNC_KEYMGMT_MATCH, match),
      entry(OSSL_FUNC_KEYMGMT_IMPORT, import <kind>),
      entry(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, exchanged),
      entry(OSSL_FUNC_KEYMGMT_EXPORT, give),
      entry(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, exchanged),
      entry(OSSL_FUNC_KEYMGMT_GET_PARAMS, get_key_parameters),
      entry(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable_of_key),
      entry(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, operation_name<kind>),
      {0, nullptr}};
  return kTable;
}

}  // namespace

const OSSL_DISPATCH* key_functions(Kind kind) {
  switch (kind) {
    case Kind::rsa:
      return key_functions<Kind::rsa>();
    case Kind::ec:
      return key_functions<Kind::ec>();
    case Kind::ed25519:
      return key_functions<Kind::ed25519>();
  }
  return nullptr;
}

}  // namespace tsp::crypto::provider
