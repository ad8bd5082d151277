#include "hsm/algorithms.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/error.h"
#include "crypto/der.h"

namespace tsp::hsm {
namespace {

namespace der = crypto::der;
using crypto::HashAlgorithm;
using crypto::KeyAlgorithm;
using crypto::Scheme;

constexpr std::array kKinds{
    KeyKind{KeyAlgorithm::ecdsa_p256, CKK_EC, CKM_EC_KEY_PAIR_GEN, 0, "1.2.840.10045.3.1.7", 32},
    KeyKind{KeyAlgorithm::ecdsa_p384, CKK_EC, CKM_EC_KEY_PAIR_GEN, 0, "1.3.132.0.34", 48},
    KeyKind{KeyAlgorithm::ecdsa_p521, CKK_EC, CKM_EC_KEY_PAIR_GEN, 0, "1.3.132.0.35", 66},
    KeyKind{KeyAlgorithm::rsa_3072, CKK_RSA, CKM_RSA_PKCS_KEY_PAIR_GEN, 3072, "", 0},
    KeyKind{KeyAlgorithm::rsa_4096, CKK_RSA, CKM_RSA_PKCS_KEY_PAIR_GEN, 4096, "", 0},
    KeyKind{KeyAlgorithm::ed25519, CKK_EC_EDWARDS, CKM_EC_EDWARDS_KEY_PAIR_GEN, 0, "1.3.101.112",
            32},
};

constexpr std::string_view kEcPublicKey = "1.2.840.10045.2.1";
constexpr std::string_view kRsaEncryption = "1.2.840.113549.1.1.1";

Bytes bit_string(ByteView content) {
  const std::uint8_t no_unused_bits = 0;
  return der::wrap(der::kBitString, ByteView(&no_unused_bits, 1), content);
}

// PKCS#11 v3.0 section 2.3.10 allows the curve's name in place of its OID.
Bytes edwards25519_name() {
  constexpr std::uint8_t kPrintableString = 0x13;
  return der::tlv(kPrintableString, as_bytes("edwards25519"));
}

std::size_t bits_of(ByteView magnitude) {
  while (!magnitude.empty() && magnitude.front() == 0) magnitude = magnitude.subspan(1);
  if (magnitude.empty()) return 0;
  return magnitude.size() * 8 - static_cast<std::size_t>(std::countl_zero(magnitude.front()));
}

struct PssHash {
  HashAlgorithm hash;
  CK_MECHANISM_TYPE type;
  CK_RSA_PKCS_MGF_TYPE mgf;
};
constexpr std::array kPssHashes{
    PssHash{HashAlgorithm::sha1, CKM_SHA_1, CKG_MGF1_SHA1},
    PssHash{HashAlgorithm::sha224, CKM_SHA224, CKG_MGF1_SHA224},
    PssHash{HashAlgorithm::sha256, CKM_SHA256, CKG_MGF1_SHA256},
    PssHash{HashAlgorithm::sha384, CKM_SHA384, CKG_MGF1_SHA384},
    PssHash{HashAlgorithm::sha512, CKM_SHA512, CKG_MGF1_SHA512},
};

Scheme only_scheme_of(const KeyKind& kind, Scheme asked) {
  if (kind.type == CKK_EC) return Scheme::ecdsa;
  if (kind.type == CKK_EC_EDWARDS) return Scheme::ed25519;
  return asked == Scheme::rsa_pkcs1 ? Scheme::rsa_pkcs1 : Scheme::rsa_pss;
}

void refuse_mismatch(const KeyKind& kind, Scheme scheme, HashAlgorithm hash, ByteView digest) {
  if (scheme != only_scheme_of(kind, scheme)) {
    throw Error(Fault::failed, "cannot sign",
                "a key of " + std::string(name_of(kind.algorithm)) + " makes no signature of " +
                    std::string(name_of(scheme)),
                "nothing was signed");
  }
  if (scheme != Scheme::ed25519 && digest.size() != size_of(hash)) {
    throw Error(Fault::failed, "cannot sign",
                "the digest is not as long as one of " + std::string(name_of(hash)),
                "nothing was signed");
  }
}

}  // namespace

const KeyKind& kind_of(KeyAlgorithm algorithm) {
  return *std::ranges::find(kKinds, algorithm, &KeyKind::algorithm);
}

Bytes ec_params(const KeyKind& kind) {
  return der::oid(kind.curve);
}

std::optional<KeyKind> kind_from(CK_KEY_TYPE type, const std::optional<Bytes>& params,
                                 const std::optional<Bytes>& modulus) {
  for (const KeyKind& kind : kKinds) {
    if (kind.type != type) continue;
    if (type == CKK_RSA && modulus && bits_of(*modulus) == kind.modulus_bits) return kind;
    if (type != CKK_RSA && params && *params == ec_params(kind)) return kind;
    if (type == CKK_EC_EDWARDS && params && *params == edwards25519_name()) return kind;
  }
  return std::nullopt;
}

Bytes rsa_spki(ByteView modulus, ByteView exponent) {
  return der::sequence(
      der::sequence(der::oid(kRsaEncryption), der::null()),
      bit_string(der::sequence(der::unsigned_integer(modulus), der::unsigned_integer(exponent))));
}

Bytes ec_spki(const KeyKind& kind, ByteView point) {
  const bool edwards = kind.type == CKK_EC_EDWARDS;
  const std::size_t size = edwards ? kind.field_size : 1 + 2 * kind.field_size;
  if (point.size() != size) {
    const auto wrapped = der::first(point);
    if (!wrapped || wrapped->tag != der::kOctetString || wrapped->whole.size() != point.size() ||
        wrapped->content.size() != size) {
      throw Error(Fault::hsm_unavailable, "cannot read a public key",
                  "the HSM gives a point that is none of " + std::string(name_of(kind.algorithm)),
                  "nothing was signed; ask the HSM's maker");
    }
    point = wrapped->content;
  }
  if (edwards) return der::sequence(der::sequence(ec_params(kind)), bit_string(point));
  return der::sequence(der::sequence(der::oid(kEcPublicKey), ec_params(kind)), bit_string(point));
}

SignCall sign_call(const KeyKind& kind, Scheme scheme, HashAlgorithm hash, ByteView digest) {
  refuse_mismatch(kind, scheme, hash, digest);
  SignCall call{CKM_EDDSA, {}, false, to_bytes(digest)};
  switch (scheme) {
    case Scheme::ed25519:
      break;
    case Scheme::ecdsa:
      call.mechanism = CKM_ECDSA;
      call.data.resize(std::min(call.data.size(), kind.field_size));
      break;
    case Scheme::rsa_pkcs1:
      call.mechanism = CKM_RSA_PKCS;
      call.data = der::sequence(der::sequence(der::oid(oid_of(hash)), der::null()),
                                der::octet_string(digest));
      break;
    case Scheme::rsa_pss: {
      const auto& pss = *std::ranges::find(kPssHashes, hash, &PssHash::hash);
      call.mechanism = CKM_RSA_PKCS_PSS;
      call.pss = {pss.type, pss.mgf, size_of(hash)};
      call.has_pss = true;
      break;
    }
  }
  return call;
}

}  // namespace tsp::hsm
