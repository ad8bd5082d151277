#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <utility>

#include "base/error.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"

namespace tsp::crypto {
namespace {

// More than any certificate needs; keeps hostile moduli small (an RSA-16384 key has 2 kB).
constexpr std::size_t kSpkiLimit = 16384;

// The AlgorithmIdentifier of keys that we make.
Bytes key_identifier(KeyAlgorithm key) {
  const auto ec = [](std::string_view curve) {
    return der::sequence(der::oid("1.2.840.10045.2.1"), der::oid(curve));
  };
  switch (key) {
    case KeyAlgorithm::ecdsa_p256:
      return ec("1.2.840.10045.3.1.7");
    case KeyAlgorithm::ecdsa_p384:
      return ec("1.3.132.0.34");
    case KeyAlgorithm::ecdsa_p521:
      return ec("1.3.132.0.35");
    case KeyAlgorithm::rsa_3072:
    case KeyAlgorithm::rsa_4096:
      return der::sequence(der::oid("1.2.840.113549.1.1.1"), der::null());
    case KeyAlgorithm::ed25519:
      return der::sequence(der::oid("1.3.101.112"));
  }
  throw Error(Fault::failed, "no such key algorithm");
}

Bytes encode(EVP_PKEY* key) {
  std::uint8_t* out = nullptr;
  const int size = i2d_PUBKEY(key, &out);
  if (size <= 0) return {};
  Bytes spki(out, out + size);
  OPENSSL_free(out);
  return spki;
}

// An uncompressed point of one of our curves, without OpenSSL's decoder, which takes six times as
// long as all the rest and is on the way of every signature. Nothing for any other key, nor for a
// point that is not on its curve.
EVP_PKEY* quick_ec_key(ByteView spki) {
  struct Curve {
    KeyAlgorithm algorithm;
    const char* group;
    std::size_t point_size;
  };
  for (const Curve& curve :
       {Curve{KeyAlgorithm::ecdsa_p256, "P-256", 65}, Curve{KeyAlgorithm::ecdsa_p384, "P-384", 97},
        Curve{KeyAlgorithm::ecdsa_p521, "P-521", 133}}) {
    if (spki.size() < curve.point_size) continue;
    const ByteView point = spki.last(curve.point_size);
    const Bytes no_unused_bits(1);
    const Bytes canonical = der::sequence(key_identifier(curve.algorithm),
                                          der::wrap(der::kBitString, no_unused_bits, point));
    if (point.front() != POINT_CONVERSION_UNCOMPRESSED || !equal(spki, canonical)) continue;
    const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(curve.group),
                                         0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                          const_cast<std::uint8_t*>(point.data()), point.size()),
        OSSL_PARAM_construct_end()};
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
      return nullptr;
    return key;
  }
  return nullptr;
}

std::string curve_of(EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) return "unnamed curve";
  std::string curve(name.data(), size);
  if (curve == "prime256v1") return "P-256";
  if (curve == "secp384r1") return "P-384";
  if (curve == "secp521r1") return "P-521";
  return curve;
}

bool set_padding(EVP_PKEY_CTX* context, Scheme scheme, const EVP_MD* md) {
  if (scheme == Scheme::ecdsa) return true;
  if (scheme == Scheme::rsa_pkcs1)
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) == 1;
}

bool verify_message(EVP_PKEY* key, ByteView message, ByteView signature) {
  const std::unique_ptr<EVP_MD_CTX, Release<&EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace

PublicKey PublicKey::from_spki(ByteView der) {
  const QuietErrors quiet;
  const auto outer = der::first(der);
  if (!outer || outer->tag != der::kSequence || outer->whole.size() != der.size() ||
      der.size() > kSpkiLimit)
    throw Error(Fault::bad_input, "cannot read the public key", "not a SubjectPublicKeyInfo");
  if (EVP_PKEY* quick = quick_ec_key(der))
    return {std::shared_ptr<EVP_PKEY>(quick, Release<&EVP_PKEY_free>()), to_bytes(der)};
  const std::uint8_t* at = der.data();
  std::shared_ptr<EVP_PKEY> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())),
                                Release<&EVP_PKEY_free>());
  if (!key || at != der.data() + der.size())
    throw Error(Fault::bad_input, "cannot read the public key",
                "no algorithm or point that OpenSSL knows");
  return {std::move(key), to_bytes(der)};
}

PublicKey PublicKey::of(EVP_PKEY* key) {
  const Bytes spki = key == nullptr ? Bytes() : encode(key);
  if (spki.empty()) throw Error(Fault::bad_input, "cannot read the public key", "it has none");
  return from_spki(spki);
}

Bytes PublicKey::sha256() const {
  return crypto::sha256(spki_);
}

std::optional<KeyAlgorithm> PublicKey::algorithm() const {
  // By the octets of the identifier, so that explicit curve parameters and PSS-only keys, which
  // OpenSSL takes for the same, are not.
  const auto parts = der::children(der::first(spki_)->content);
  if (!parts || parts->size() != 2) return std::nullopt;
  for (KeyAlgorithm candidate :
       {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384, KeyAlgorithm::ecdsa_p521,
        KeyAlgorithm::rsa_3072, KeyAlgorithm::rsa_4096, KeyAlgorithm::ed25519}) {
    if (!equal(parts->front().whole, key_identifier(candidate))) continue;
    if (candidate == KeyAlgorithm::rsa_3072 && bits() != 3072) continue;
    if (candidate == KeyAlgorithm::rsa_4096 && bits() != 4096) continue;
    return candidate;
  }
  return std::nullopt;
}

bool PublicKey::is_rsa() const {
  return EVP_PKEY_is_a(key_.get(), "RSA") == 1 || EVP_PKEY_is_a(key_.get(), "RSA-PSS") == 1;
}

int PublicKey::bits() const {
  return EVP_PKEY_get_bits(key_.get());
}

std::string PublicKey::description() const {
  if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) return "RSA-" + std::to_string(bits());
  if (EVP_PKEY_is_a(key_.get(), "RSA-PSS") == 1)
    return "RSA-" + std::to_string(bits()) + " (PSS only)";
  if (EVP_PKEY_is_a(key_.get(), "EC") == 1) return "ECDSA " + curve_of(key_.get());
  if (EVP_PKEY_is_a(key_.get(), "ED25519") == 1) return "Ed25519";
  if (EVP_PKEY_is_a(key_.get(), "ED448") == 1) return "Ed448";
  const char* name = EVP_PKEY_get0_type_name(key_.get());
  return name == nullptr ? "unknown" : name;
}

bool is_tractable(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") != 1 && EVP_PKEY_is_a(key, "RSA-PSS") != 1) return true;
  BIGNUM* exponent = nullptr;
  const bool known = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1;
  const std::unique_ptr<BIGNUM, Release<&BN_free>> owner(exponent);
  return known && BN_num_bits(exponent) <= 32 && EVP_PKEY_get_bits(key) <= 8192;
}

bool PublicKey::verify(Scheme scheme, HashAlgorithm hash, ByteView digest,
                       ByteView signature) const {
  const QuietErrors quiet;
  if (signature.empty() || !is_tractable(key_.get())) return false;
  if (scheme == Scheme::ed25519)
    return EVP_PKEY_is_a(key_.get(), "ED25519") == 1 &&
           verify_message(key_.get(), digest, signature);
  const bool fits = scheme == Scheme::ecdsa ? EVP_PKEY_is_a(key_.get(), "EC") == 1 : is_rsa();
  if (!fits || digest.size() != size_of(hash)) return false;
  if (is_rsa() && signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())))
    return false;
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  return context && EVP_PKEY_verify_init(context.get()) == 1 &&
         set_padding(context.get(), scheme, md_of(hash)) &&
         EVP_PKEY_CTX_set_signature_md(context.get(), md_of(hash)) == 1 &&
         EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(),
                         digest.size()) == 1;
}

}  // namespace tsp::crypto
