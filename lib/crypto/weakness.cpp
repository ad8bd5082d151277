// find_weakness(): reasons not to certify a key.
#include <openssl/bn.h>
#include <openssl/core_names.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/error.h"
#include "crypto/openssl.h"
#include "crypto/public_key.h"

namespace tsp::crypto {
namespace {

using BigPtr = std::unique_ptr<BIGNUM, Release<&BN_free>>;
using Reason = std::optional<std::string>;

constexpr int kLeastModulus = 3000;      // bits, TS 119 312 V2.1.1
constexpr BN_ULONG kSieveTop = 1 << 15;  // small factors are looked for below this: 3512 primes

BigPtr number(const PublicKey& key, const char* name) {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(key.get(), name, &value) != 1)
    throw Error(Fault::failed, "cannot read the public key's numbers");
  return BigPtr(value);
}

BN_ULONG remainder(const BIGNUM* value, BN_ULONG divisor) {
  const BN_ULONG rest = BN_mod_word(value, divisor);
  if (rest == static_cast<BN_ULONG>(-1)) throw Error(Fault::failed, "cannot divide a modulus");
  return rest;
}

bool is_prime(BN_ULONG candidate) {
  for (BN_ULONG divisor = 2; divisor * divisor <= candidate; ++divisor)
    if (candidate % divisor == 0) return false;
  return true;
}

std::optional<BN_ULONG> small_factor(const BIGNUM* modulus) {
  for (BN_ULONG prime = 3; prime < kSieveTop; prime += 2)
    if (is_prime(prime) && remainder(modulus, prime) == 0) return prime;
  return std::nullopt;
}

// True when `value` is a power of 65537 modulo `prime`.
bool in_subgroup(BN_ULONG value, BN_ULONG prime) {
  const BN_ULONG generator = 65537 % prime;
  BN_ULONG power = 1;
  do {
    if (power == value) return true;
    power = power * generator % prime;
  } while (power != 1);
  return false;
}

// CVE-2017-15361: primes of the form k*M + (65537^a mod M), M a primorial, leave the modulus in the
// subgroup that 65537 generates modulo every small prime. A sound key passes all 38 tests with a
// probability of about 2^-28.
bool has_roca_fingerprint(const BIGNUM* modulus) {
  for (BN_ULONG prime = 3; prime <= 167; prime += 2)
    if (is_prime(prime) && !in_subgroup(remainder(modulus, prime), prime)) return false;
  return true;
}

Reason exponent_weakness(const BIGNUM* exponent) {
  if (!BN_is_odd(exponent)) return "the RSA exponent is even";
  if (BN_num_bits(exponent) < 17) return "the RSA exponent is under 2^16";
  if (BN_num_bits(exponent) > 256) return "the RSA exponent is over 2^256";
  return std::nullopt;
}

// The largest number whose square is at most `value`, by Newton's method.
BigPtr square_root(const BIGNUM* value, BN_CTX* scratch) {
  BigPtr root(BN_new()), next(BN_new());
  bool ok = root && next && BN_set_word(root.get(), 1) == 1 &&
            BN_lshift(root.get(), root.get(), (BN_num_bits(value) + 1) / 2 + 1) == 1;
  while (ok) {
    ok = BN_div(next.get(), nullptr, value, root.get(), scratch) == 1 &&
         BN_add(next.get(), next.get(), root.get()) == 1 && BN_rshift1(next.get(), next.get()) == 1;
    if (ok && BN_cmp(next.get(), root.get()) >= 0) return root;
    std::swap(root, next);
  }
  throw Error(Fault::failed, "cannot compute a square root");
}

// CA/Browser Forum BR 6.1.1.6: factors so close that Fermat's method finds them in 100 rounds, that
// is, some a among the first 100 at or above the root of the modulus has a square as a^2 - n.
bool has_close_factors(const BIGNUM* modulus) {
  const std::unique_ptr<BN_CTX, Release<&BN_CTX_free>> scratch(BN_CTX_new());
  const BigPtr square(BN_new()), again(BN_new());
  if (!scratch || !square || !again) throw Error(Fault::failed, "no memory for a key check");
  BigPtr middle = square_root(modulus, scratch.get());
  for (int round = 0; round < 100; ++round) {
    if (BN_sqr(square.get(), middle.get(), scratch.get()) != 1 ||
        BN_sub(square.get(), square.get(), modulus) != 1 || BN_add_word(middle.get(), 1) != 1)
      throw Error(Fault::failed, "cannot compute with a modulus");
    if (BN_is_negative(square.get())) continue;
    // Squares end in 0, 1, 4 or 9 modulo 16: spares most of the roots.
    const BN_ULONG low = remainder(square.get(), 16);
    if (low != 0 && low != 1 && low != 4 && low != 9) continue;
    const BigPtr root = square_root(square.get(), scratch.get());
    if (BN_sqr(again.get(), root.get(), scratch.get()) != 1)
      throw Error(Fault::failed, "cannot compute with a modulus");
    if (BN_cmp(again.get(), square.get()) == 0) return true;
  }
  return false;
}

// The y-coordinates, little-endian and without the sign of x, of edwards25519's eight points of
// small order; p and p + 1 are 0 and 1 again. Anybody signs under such a key.
constexpr const char* kSmallOrder[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};

bool has_small_order(const PublicKey& edwards) {
  Bytes y = to_bytes(ByteView(edwards.spki()).last(32));
  y.back() &= 0x7f;
  const std::string hex = to_hex(y);
  return std::find(std::begin(kSmallOrder), std::end(kSmallOrder), hex) != std::end(kSmallOrder);
}

Reason rsa_weakness(const PublicKey& key) {
  if (key.bits() < kLeastModulus)
    return "the RSA modulus has " + std::to_string(key.bits()) + " bits, under 3000";
  const BigPtr modulus = number(key, OSSL_PKEY_PARAM_RSA_N);
  if (!BN_is_odd(modulus.get())) return "the RSA modulus is even";
  const BigPtr exponent = number(key, OSSL_PKEY_PARAM_RSA_E);
  if (auto reason = exponent_weakness(exponent.get())) return reason;
  if (const auto factor = small_factor(modulus.get()))
    return "the RSA modulus has the factor " + std::to_string(*factor);
  if (has_roca_fingerprint(modulus.get()))
    return "the RSA modulus has the ROCA fingerprint (CVE-2017-15361)";
  if (has_close_factors(modulus.get())) return "the factors of the RSA modulus are too close";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_weakness(const PublicKey& key) {
  const QuietErrors quiet;
  if (key.is_rsa())
    if (auto reason = rsa_weakness(key)) return reason;
  if (!key.algorithm()) return key.description() + " is not an algorithm for new keys";
  if (key.algorithm() == KeyAlgorithm::ed25519 && has_small_order(key))
    return "the point of the Ed25519 key has a small order";
  // For curves: the point is on the curve and of its order. For RSA: SP 800-89 5.3.3.
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!context || EVP_PKEY_public_check(context.get()) != 1)
    return key.description() + ": the public value is not one of its group";
  return std::nullopt;
}

}  // namespace tsp::crypto
