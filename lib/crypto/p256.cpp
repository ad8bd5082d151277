#include "crypto/p256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>

#include "base/error.h"
#include "crypto/exchange.h"
#include "crypto/openssl.h"

namespace tsp::crypto {
namespace {

using GroupPtr = std::unique_ptr<EC_GROUP, Release<&EC_GROUP_free>>;
using PointPtr = std::unique_ptr<EC_POINT, Release<&EC_POINT_clear_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Release<&BN_clear_free>>;

constexpr const char* kGroup = "P-256";

Error no_key() {
  return {Fault::bad_input, "cannot read a private key", "these octets are none"};
}

EvpPkeyPtr from_parameters(int selection, OSSL_PARAM* parameters) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, parameters) != 1)
    return nullptr;
  return EvpPkeyPtr(key);
}

// Scalar times base point, uncompressed. Nothing for 0 and for scalars beyond the group's order.
Bytes point_of(const BIGNUM* scalar) {
  const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  expect(group != nullptr, "P-256");
  if (BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group.get())) >= 0) return {};
  const PointPtr point(EC_POINT_new(group.get()));
  Bytes out(kPointSize);
  expect(point && EC_POINT_mul(group.get(), point.get(), scalar, nullptr, nullptr, nullptr) == 1 &&
             EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, out.data(),
                                out.size(), nullptr) == out.size(),
         "a point of P-256");
  return out;
}

}  // namespace

EvpPkeyPtr generate_p256() {
  EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kGroup));
  expect(key != nullptr, "a key of P-256");
  return key;
}

EvpPkeyPtr generate_ed25519() {
  EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  expect(key != nullptr, "a key of Ed25519");
  return key;
}

EvpPkeyPtr p256_from_private(ByteView scalar) {
  if (scalar.size() != kPrivateSize) throw no_key();
  const QuietErrors quiet;
  const NumberPtr number(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
  expect(number != nullptr, "no memory");
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  Bytes point = point_of(number.get());
  if (point.empty()) throw no_key();
  // OpenSSL's parameters are numbers in the machine's order; this copy is wiped.
  Secret native(Bytes(kPrivateSize, 0));
  expect(BN_bn2nativepad(number.get(), native.writable().data(), kPrivateSize) == kPrivateSize,
         "a scalar of P-256");
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(kGroup), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native.writable().data(), native.size()),
      OSSL_PARAM_construct_end()};
  EvpPkeyPtr key = from_parameters(EVP_PKEY_KEYPAIR, parameters);
  if (!key) throw no_key();
  return key;
}

EvpPkeyPtr ed25519_from_private(ByteView seed) {
  if (seed.size() != kPrivateSize) throw no_key();
  EvpPkeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  expect(key != nullptr, "a key of Ed25519");
  return key;
}

Secret p256_private(EVP_PKEY* key) {
  Secret native(Bytes(kPrivateSize, 0)), out(Bytes(kPrivateSize, 0));
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native.writable().data(), native.size()),
      OSSL_PARAM_construct_end()};
  expect(EVP_PKEY_get_params(key, parameters) == 1, "a scalar of P-256");
  const NumberPtr number(BN_native2bn(native.view().data(), kPrivateSize, nullptr));
  expect(number && BN_bn2binpad(number.get(), out.writable().data(), kPrivateSize) == kPrivateSize,
         "a scalar of P-256");
  return out;
}

Secret ed25519_private(EVP_PKEY* key) {
  Secret out(Bytes(kPrivateSize, 0));
  std::size_t size = out.size();
  expect(
      EVP_PKEY_get_raw_private_key(key, out.writable().data(), &size) == 1 && size == kPrivateSize,
      "a seed of Ed25519");
  return out;
}

// The curve is copied, not made anew from its name: a quarter of the time.
EvpPkeyPtr p256_from_point(ByteView point) {
  static const EvpPkeyPtr curve = [] {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(kGroup), 0),
        OSSL_PARAM_construct_end()};
    EvpPkeyPtr made = from_parameters(EVP_PKEY_KEY_PARAMETERS, parameters);
    expect(made != nullptr, "P-256");
    return made;
  }();
  if (point.size() != kPointSize || point.front() != POINT_CONVERSION_UNCOMPRESSED) return nullptr;
  const QuietErrors quiet;
  EvpPkeyPtr key(EVP_PKEY_new());
  expect(key && EVP_PKEY_copy_parameters(key.get(), curve.get()) == 1, "P-256");
  if (EVP_PKEY_set1_encoded_public_key(key.get(), point.data(), point.size()) != 1) return nullptr;
  return key;
}

Bytes p256_point(EVP_PKEY* key) {
  Bytes out(kPointSize);
  std::size_t size = 0;
  expect(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, out.data(),
                                         out.size(), &size) == 1 &&
             size == out.size() && out.front() == POINT_CONVERSION_UNCOMPRESSED,
         "a point of P-256");
  return out;
}

}  // namespace tsp::crypto
