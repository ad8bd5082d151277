#include "crypto/exchange.h"

#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"
#include "crypto/p256.h"
#include "crypto/symmetric.h"

namespace tsp::crypto {
namespace {

constexpr std::string_view kInfo = "tsp sealed to 1";
constexpr std::size_t kAgreedSize = 32, kAgreedKeySize = 32;  // octets

void refuse_others(KeyAlgorithm algorithm) {
  if (algorithm != KeyAlgorithm::ecdsa_p256 && algorithm != KeyAlgorithm::ed25519)
    throw Error(Fault::policy_refused, "no such key in memory",
                std::string(name_of(algorithm)) + " is neither ecdsa-p256 nor ed25519");
}

// HKDF of the agreed number, bound to both points. Nothing where OpenSSL refuses the peer, who is
// of p256_from_point(): on the curve, whose order is prime, so that there is no more to validate
// and OpenSSL need not multiply by the order.
std::optional<Secret> agree(EVP_PKEY* own, EVP_PKEY* peer, ByteView ephemeral, ByteView recipient) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
  Secret agreed(Bytes(kAgreedSize, 0));
  std::size_t size = agreed.size();
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), peer, 0) != 1 ||
      EVP_PKEY_derive(context.get(), agreed.writable().data(), &size) != 1 || size != kAgreedSize)
    return std::nullopt;
  Bytes salt = to_bytes(ephemeral);
  append(salt, recipient);
  return hkdf(HashAlgorithm::sha256, agreed.view(), salt, as_bytes(kInfo), kAgreedKeySize);
}

Bytes sign_message(EVP_PKEY* key, ByteView message) {
  const std::unique_ptr<EVP_MD_CTX, Release<&EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  Bytes out(64);
  std::size_t size = out.size();
  expect(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
             EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1,
         "Ed25519");
  out.resize(size);
  return out;
}

Bytes sign_digest(EVP_PKEY* key, HashAlgorithm hash, ByteView digest) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = out.size();
  expect(context && EVP_PKEY_sign_init(context.get()) == 1 &&
             EVP_PKEY_CTX_set_signature_md(context.get(), md_of(hash)) == 1 &&
             EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) == 1,
         "ECDSA");
  out.resize(size);
  return out;
}

}  // namespace

SoftwareKey::SoftwareKey(EvpPkeyPtr key, PublicKey public_key)
    : key_(std::move(key)), public_key_(std::move(public_key)) {}

SoftwareKey SoftwareKey::generate(KeyAlgorithm algorithm) {
  refuse_others(algorithm);
  EvpPkeyPtr key = algorithm == KeyAlgorithm::ed25519 ? generate_ed25519() : generate_p256();
  PublicKey shown = PublicKey::of(key.get());
  return {std::move(key), std::move(shown)};
}

SoftwareKey SoftwareKey::from_private(KeyAlgorithm algorithm, const Secret& octets) {
  refuse_others(algorithm);
  EvpPkeyPtr key = algorithm == KeyAlgorithm::ed25519 ? ed25519_from_private(octets.view())
                                                      : p256_from_private(octets.view());
  PublicKey shown = PublicKey::of(key.get());
  return {std::move(key), std::move(shown)};
}

Secret SoftwareKey::private_octets() const {
  return public_key_.algorithm() == KeyAlgorithm::ed25519 ? ed25519_private(key_.get())
                                                          : p256_private(key_.get());
}

Bytes SoftwareKey::sign(Scheme scheme, HashAlgorithm hash, ByteView digest) {
  const bool edwards = public_key_.algorithm() == KeyAlgorithm::ed25519;
  expect(scheme == (edwards ? Scheme::ed25519 : Scheme::ecdsa), "a signature of another scheme");
  if (edwards) return sign_message(key_.get(), digest);
  expect(digest.size() == size_of(hash), "a digest of another length");
  return sign_digest(key_.get(), hash, digest);
}

ExchangeKey::ExchangeKey(EvpPkeyPtr key) : key_(std::move(key)), point_(p256_point(key_.get())) {}

ExchangeKey ExchangeKey::generate() {
  return ExchangeKey(generate_p256());
}

ExchangeKey ExchangeKey::from_private(const Secret& octets) {
  return ExchangeKey(p256_from_private(octets.view()));
}

Secret ExchangeKey::private_octets() const {
  return p256_private(key_.get());
}

std::optional<Secret> ExchangeKey::open(ByteView sealed, ByteView associated) const {
  if (sealed.size() < kSealedToOthers) return std::nullopt;
  const QuietErrors quiet;
  const ByteView ephemeral = sealed.first(kPointSize);
  const EvpPkeyPtr peer = p256_from_point(ephemeral);
  if (!peer) return std::nullopt;
  const auto key = agree(key_.get(), peer.get(), ephemeral, point_);
  if (!key) return std::nullopt;
  return crypto::open(key->view(), sealed.subspan(kPointSize), associated);
}

Bytes seal_to(ByteView point, ByteView plain, ByteView associated) {
  const EvpPkeyPtr peer = p256_from_point(point);
  if (!peer)
    throw Error(Fault::bad_input, "cannot seal", "the recipient's key is no point of P-256");
  const EvpPkeyPtr ephemeral = generate_p256();
  Bytes out = p256_point(ephemeral.get());
  const auto key = agree(ephemeral.get(), peer.get(), out, point);
  expect(key.has_value(), "key agreement on P-256");
  append(out, seal(key->view(), plain, associated));
  return out;
}

bool is_point(ByteView octets) {
  return p256_from_point(octets) != nullptr;
}

}  // namespace tsp::crypto
