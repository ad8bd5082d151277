#include "crypto/symmetric.h"

#include <argon2.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "base/error.h"
#include "base/release.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"

namespace tsp::crypto {
namespace {

using MacPtr = std::unique_ptr<EVP_MAC_CTX, Release<&EVP_MAC_CTX_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, Release<&EVP_CIPHER_CTX_free>>;

constexpr std::size_t kKeySize = 32, kNonce = 12, kTag = 16;  // octets

[[noreturn]] void refuse(const char* what) {
  throw Error(Fault::failed, "a cryptographic computation failed", what);
}

// OpenSSL takes lengths as int and no null pointers where it should compute with nothing.
int length_of(ByteView bytes) {
  if (bytes.size() > INT_MAX) refuse("too many octets at once");
  return static_cast<int>(bytes.size());
}

const std::uint8_t* data_of(ByteView bytes) {
  static constexpr std::uint8_t kNothing = 0;
  return bytes.empty() ? &kNothing : bytes.data();
}

CipherPtr begin_cipher(ByteView key, ByteView nonce, ByteView associated, bool encrypting) {
  if (key.size() != kKeySize) refuse("an AES-256 key has 32 octets");
  CipherPtr context(EVP_CIPHER_CTX_new());
  int done = 0;
  if (!context ||
      EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce.data(),
                        encrypting ? 1 : 0) != 1 ||
      EVP_CipherUpdate(context.get(), nullptr, &done, data_of(associated), length_of(associated)) !=
          1)
    refuse("AES-256-GCM could not begin");
  return context;
}

// One HMAC of each hash, looked up once a process and begun with no secret, for hmac() to copy.
MacPtr make_hmac(HashAlgorithm hash) {
  const std::unique_ptr<EVP_MAC, Release<&EVP_MAC_free>> mac(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  MacPtr context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
  std::string name = EVP_MD_get0_name(md_of(hash));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0), OSSL_PARAM_END};
  const std::uint8_t none = 0;
  if (!context || EVP_MAC_init(context.get(), &none, 1, parameters) != 1) refuse("HMAC");
  return context;
}

template <HashAlgorithm hash>
const EVP_MAC_CTX* the_hmac() {
  static const EVP_MAC_CTX* const kept = make_hmac(hash).release();
  return kept;
}

const EVP_MAC_CTX* hmac_with(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::sha1:
      return the_hmac<HashAlgorithm::sha1>();
    case HashAlgorithm::sha224:
      return the_hmac<HashAlgorithm::sha224>();
    case HashAlgorithm::sha256:
      return the_hmac<HashAlgorithm::sha256>();
    case HashAlgorithm::sha384:
      return the_hmac<HashAlgorithm::sha384>();
    case HashAlgorithm::sha512:
      return the_hmac<HashAlgorithm::sha512>();
  }
  refuse("no such hash algorithm");
}

}  // namespace

Bytes hmac(HashAlgorithm hash, ByteView key, ByteView data) {
  const MacPtr context(EVP_MAC_CTX_dup(hmac_with(hash)));
  Bytes out(size_of(hash));
  std::size_t size = 0;
  // An empty key is one octet's address and no octet: a null pointer would mean "as before".
  const std::uint8_t none = 0;
  if (!context ||
      EVP_MAC_init(context.get(), key.empty() ? &none : key.data(), key.size(), nullptr) != 1 ||
      EVP_MAC_update(context.get(), data_of(data), data.size()) != 1 ||
      EVP_MAC_final(context.get(), out.data(), &size, out.size()) != 1 || size != out.size())
    refuse("HMAC");
  return out;
}

Secret hkdf(HashAlgorithm hash, ByteView input, ByteView salt, ByteView info, std::size_t size) {
  if (size > 255 * size_of(hash)) refuse("HKDF gives 255 hash lengths at most");
  const Secret key(hmac(hash, salt, input));
  Secret out(Bytes(size, 0));
  // T(n) = HMAC(key, T(n-1) | info | n), one buffer that is wiped: RFC 5869 section 2.3.
  Secret block(Bytes{});
  std::size_t have = 0;
  for (std::uint8_t counter = 1; have < size; ++counter) {
    Bytes message;
    message.reserve(block.size() + info.size() + 1);  // so that no copy is left behind
    append(message, block.view());
    append(message, info);
    message.push_back(counter);
    const Secret guarded(std::move(message));
    block = Secret(hmac(hash, key.view(), guarded.view()));
    const std::size_t part = std::min(block.size(), size - have);
    std::copy_n(block.view().begin(), part, out.writable().begin() + static_cast<long>(have));
    have += part;
  }
  return out;
}

Bytes seal(ByteView key, ByteView plain, ByteView associated) {
  Bytes out = random_bytes(kNonce);
  const CipherPtr context = begin_cipher(key, out, associated, true);
  out.resize(kNonce + plain.size() + kTag);
  int done = 0;
  if (EVP_CipherUpdate(context.get(), out.data() + kNonce, &done, data_of(plain),
                       length_of(plain)) != 1 ||
      EVP_CipherFinal_ex(context.get(), out.data() + kNonce + plain.size(), &done) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTag,
                          out.data() + kNonce + plain.size()) != 1)
    refuse("AES-256-GCM");
  return out;
}

std::optional<Secret> open(ByteView key, ByteView sealed, ByteView associated) {
  if (sealed.size() < kNonce + kTag) return std::nullopt;
  const QuietErrors quiet;
  const CipherPtr context = begin_cipher(key, sealed.first(kNonce), associated, false);
  const ByteView hidden = sealed.subspan(kNonce, sealed.size() - kNonce - kTag);
  Bytes tag = to_bytes(sealed.last(kTag));
  // One octet more, so that OpenSSL always gets a place to write to.
  Secret plain(Bytes(hidden.size() + 1, 0));
  int done = 0;
  if (EVP_CipherUpdate(context.get(), plain.writable().data(), &done, data_of(hidden),
                       length_of(hidden)) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) != 1 ||
      EVP_CipherFinal_ex(context.get(), plain.writable().data() + hidden.size(), &done) != 1)
    return std::nullopt;
  return Secret::copy_of(plain.view().first(hidden.size()));
}

Secret argon2id(ByteView password, ByteView salt, const Argon2& cost, std::size_t size) {
  Secret out(Bytes(size, 0));
  // The library wipes its memory before it gives it back.
  const int result =
      argon2id_hash_raw(cost.passes, cost.memory_kib, cost.lanes, data_of(password),
                        password.size(), data_of(salt), salt.size(), out.writable().data(), size);
  if (result == ARGON2_MEMORY_ALLOCATION_ERROR)
    throw Error(Fault::busy, "no memory for Argon2", "", "try again, or give the machine more");
  if (result != ARGON2_OK) refuse(argon2_error_message(result));
  return out;
}

Argon2 calibrate_argon2(std::chrono::milliseconds target) {
  constexpr std::int64_t kMostPasses = 16;
  const Bytes salt(16, 0);
  const auto time_of = [&](const Argon2& cost) {
    const auto begin_cipher = std::chrono::steady_clock::now();
    argon2id({}, salt, cost);
    return std::chrono::steady_clock::now() - begin_cipher;
  };
  Argon2 cost = kLeastArgon2;
  // The first touch of the memory costs once, each pass after it the same: two points give both.
  const auto one = time_of(cost);
  cost.passes = 2;
  const auto pass = std::max<std::chrono::steady_clock::duration>(time_of(cost) - one,
                                                                  std::chrono::milliseconds(1));
  const auto left = target - one;
  cost.passes =
      1 + static_cast<std::uint32_t>(std::clamp<std::int64_t>(left / pass, 0, kMostPasses - 1));
  return cost;
}

}  // namespace tsp::crypto
