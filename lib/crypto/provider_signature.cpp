// Signature operations: provider-signature(7).
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>

#include <algorithm>

#include "crypto/digest.h"
#include "crypto/provider_parameters.h"

namespace tsp::crypto::provider {
namespace {

struct Signing {
  Settings settings;
  Key key;
  std::optional<Hasher> hasher;  // while a message is hashed
};

Signing& signing_of(void* context) {
  return *static_cast<Signing*>(context);
}

template <Kind kind>
void* make_context(void*, const char*) {
  return new (std::nothrow) Signing{{kind, {}, {}}, {}, {}};
}

void release_context(void* context) {
  delete static_cast<Signing*>(context);
}

void* duplicate_context(void* context) {
  const Signing& from = signing_of(context);
  Signing* copy = nullptr;
  contained([&] {
    auto made = std::make_unique<Signing>(Signing{from.settings, from.key, {}});
    if (from.hasher) made->hasher = from.hasher->fork();
    copy = made.release();
    return true;
  });
  return copy;
}

// The key is absent where a signature begins again with the key of the last one.
bool take_key(Signing& signing, const void* key) {
  if (key != nullptr) signing.key = *static_cast<const Key*>(key);
  return signing.key.signer != nullptr && signing.key.twin != nullptr;
}

int begin_operation(void* context, void* key, const OSSL_PARAM parameters[]) {
  return contained([&] {
    Signing& signing = signing_of(context);
    return take_key(signing, key) && set(signing.settings, parameters);
  });
}

// Gives the size alone where `out` is null, else the value of a signature of `digest`.
bool produce(const Key& key, const Settings& settings, std::uint8_t* out, std::size_t* size,
             std::size_t room, ByteView digest) {
  if (out == nullptr) {
    *size = static_cast<std::size_t>(EVP_PKEY_get_size(key.twin.get()));
    return true;
  }
  if (!settings.complete()) return false;
  const HashAlgorithm hash = settings.hash.value_or(HashAlgorithm::sha512);
  const auto value = ask(key, settings.scheme(), hash, digest);
  if (!value || value->empty() || value->size() > room) return false;
  std::ranges::copy(*value, out);
  *size = value->size();
  return true;
}

// OpenSSL's CMS verifies what it has just made with the key that made it: the public half answers.
bool accepts(const Key& key, const Settings& settings, ByteView value, ByteView digest) {
  if (!settings.complete()) return false;
  const HashAlgorithm hash = settings.hash.value_or(HashAlgorithm::sha512);
  return key.signer->public_key().verify(settings.scheme(), hash, digest, value);
}

// ECDSA callers may leave the hash unnamed: the length of the digest tells.
Settings settings_for(const Signing& signing, std::size_t digest_size) {
  Settings settings = signing.settings;
  if (settings.hash || settings.kind != Kind::ec) return settings;
  for (auto candidate : {HashAlgorithm::sha1, HashAlgorithm::sha224, HashAlgorithm::sha256,
                         HashAlgorithm::sha384, HashAlgorithm::sha512})
    if (size_of(candidate) == digest_size) settings.hash = candidate;
  return settings;
}

// Of a digest that the caller computed.
int sign(void* context, unsigned char* out, std::size_t* size, std::size_t room,
         const unsigned char* digest, std::size_t digest_size) {
  return contained([&] {
    const Signing& signing = signing_of(context);
    const Settings settings = settings_for(signing, digest_size);
    if (out != nullptr && (!settings.hash || size_of(*settings.hash) != digest_size)) return false;
    return produce(signing.key, settings, out, size, room, {digest, digest_size});
  });
}

int verify(void* context, const unsigned char* value, std::size_t size, const unsigned char* digest,
           std::size_t digest_size) {
  return contained([&] {
    const Signing& signing = signing_of(context);
    return accepts(signing.key, settings_for(signing, digest_size), {value, size},
                   {digest, digest_size});
  });
}

int begin_digest(void* context, const char* name, void* key, const OSSL_PARAM parameters[]) {
  return contained([&] {
    Signing& signing = signing_of(context);
    if (!take_key(signing, key)) return false;
    if (name != nullptr && *name != '\0') {
      signing.settings.hash = hash_of_name(name);
      if (!signing.settings.hash) return false;
    }
    if (!set(signing.settings, parameters) || !signing.settings.hash) return false;
    signing.hasher.emplace(*signing.settings.hash);
    return true;
  });
}

int update_digest(void* context, const unsigned char* data, std::size_t size) {
  return contained([&] {
    Signing& signing = signing_of(context);
    if (signing.hasher) signing.hasher->update({data, size});
    return signing.hasher.has_value();
  });
}

// Ends the hashing.
std::optional<Bytes> digest_of(Signing& signing) {
  if (!signing.hasher) return std::nullopt;
  Bytes digest = signing.hasher->finish();
  signing.hasher.reset();
  return digest;
}

int finish_signing(void* context, unsigned char* out, std::size_t* size, std::size_t room) {
  return contained([&] {
    Signing& signing = signing_of(context);
    if (out == nullptr) return produce(signing.key, signing.settings, out, size, room, {});
    const auto digest = digest_of(signing);
    return digest && produce(signing.key, signing.settings, out, size, room, *digest);
  });
}

int finish_verifying(void* context, const unsigned char* value, std::size_t size) {
  return contained([&] {
    Signing& signing = signing_of(context);
    const auto digest = digest_of(signing);
    return digest && accepts(signing.key, signing.settings, {value, size}, *digest);
  });
}

// Ed25519 signs messages, in one piece and under no other hash than its own.
int begin_message(void* context, const char* name, void* key, const OSSL_PARAM*) {
  return contained(
      [&] { return (name == nullptr || *name == '\0') && take_key(signing_of(context), key); });
}

int sign_at_once(void* context, unsigned char* out, std::size_t* size, std::size_t room,
                 const unsigned char* message, std::size_t message_size) {
  return contained([&] {
    const Signing& signing = signing_of(context);
    return produce(signing.key, signing.settings, out, size, room, {message, message_size});
  });
}

int verify_at_once(void* context, const unsigned char* value, std::size_t size,
                   const unsigned char* message, std::size_t message_size) {
  return contained([&] {
    const Signing& signing = signing_of(context);
    return accepts(signing.key, signing.settings, {value, size}, {message, message_size});
  });
}

int set_parameters(void* context, const OSSL_PARAM parameters[]) {
  return contained([&] {
    Signing& signing = signing_of(context);
    const auto begun_with = signing.settings.hash;
    if (!set(signing.settings, parameters)) return false;
    return !signing.hasher || signing.settings.hash == begun_with;
  });
}

int get_context_parameters(void* context, OSSL_PARAM parameters[]) {
  return contained([&] { return get(signing_of(context).settings, parameters); });
}

const OSSL_PARAM* settable(void*, void*) {
  return settable_settings();
}

const OSSL_PARAM* gettable_of_context(void*, void*) {
  return gettable_settings();
}

template <Kind kind>
const OSSL_DISPATCH* signature_functions() {
  static const OSSL_DISPATCH kTable[] = {
      entry(OSSL_FUNC_SIGNATURE_NEWCTX, make_context<kind>),
      entry(OSSL_FUNC_SIGNATURE_FREECTX, release_context),
      entry(OSSL_FUNC_SIGNATURE_DUPCTX, duplicate_context),
      entry(OSSL_FUNC_SIGNATURE_SIGN_INIT, begin_operation),
      entry(OSSL_FUNC_SIGNATURE_SIGN, sign),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, begin_digest),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, update_digest),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, finish_signing),
      entry(OSSL_FUNC_SIGNATURE_VERIFY_INIT, begin_operation),
      entry(OSSL_FUNC_SIGNATURE_VERIFY, verify),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, begin_digest),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, update_digest),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, finish_verifying),
      entry(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, set_parameters),
      entry(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, settable),
      entry(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, get_context_parameters),
      entry(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, gettable_of_context),
      {0, nullptr}};
  return kTable;
}

const OSSL_DISPATCH* message_functions() {
  static const OSSL_DISPATCH kTable[] = {
      entry(OSSL_FUNC_SIGNATURE_NEWCTX, make_context<Kind::ed25519>),
      entry(OSSL_FUNC_SIGNATURE_FREECTX, release_context),
      entry(OSSL_FUNC_SIGNATURE_DUPCTX, duplicate_context),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, begin_message),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, sign_at_once),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, begin_message),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY, verify_at_once),
      entry(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, get_context_parameters),
      entry(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, gettable_of_context),
      {0, nullptr}};
  return kTable;
}

}  // namespace

const OSSL_DISPATCH* signature_functions(Kind kind) {
  switch (kind) {
    case Kind::rsa:
      return signature_functions<Kind::rsa>();
    case Kind::ec:
      return signature_functions<Kind::ec>();
    case Kind::ed25519:
      return message_functions();
  }
  return nullptr;
}

}  // namespace tsp::crypto::provider
