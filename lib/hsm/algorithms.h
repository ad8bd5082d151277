// Our algorithms in the words of PKCS#11, and public keys from its attributes.
#pragma once

#include <optional>

#include "crypto/algorithms.h"
#include "hsm/objects.h"

namespace tsp::hsm {

struct KeyKind {
  crypto::KeyAlgorithm algorithm;
  CK_KEY_TYPE type;
  CK_MECHANISM_TYPE generation;
  CK_ULONG modulus_bits;   // RSA
  std::string_view curve;  // EC and Ed25519: dotted OID
  std::size_t field_size;  // EC and Ed25519: octets of a coordinate
};
const KeyKind& kind_of(crypto::KeyAlgorithm algorithm);

// CKA_EC_PARAMS: the DER of the curve's OID.
Bytes ec_params(const KeyKind& kind);

// The kind of a key from CKA_KEY_TYPE, CKA_EC_PARAMS and CKA_MODULUS; nothing for what this house
// does not make. `params` may be a PrintableString for Ed25519 (PKCS#11 v3.0).
std::optional<KeyKind> kind_from(CK_KEY_TYPE type, const std::optional<Bytes>& params,
                                 const std::optional<Bytes>& modulus);

// SubjectPublicKeyInfo, RFC 3279 section 2.3.1 (rsaEncryption), RFC 5480 section 2, RFC 8410
// section 4. `point` is CKA_EC_POINT: the DER OCTET STRING that the standard asks for, or the bare
// point that some modules give. Error{hsm_unavailable} where it is neither.
Bytes rsa_spki(ByteView modulus, ByteView exponent);
Bytes ec_spki(const KeyKind& kind, ByteView point);

// What one C_Sign call needs. `data` is what the HSM is handed; ECDSA digests are cut to the size
// of the curve (FIPS 186-5 6.4.1), PKCS#1 v1.5 digests are wrapped in a DigestInfo whose algorithm
// has NULL parameters (RFC 8017 section 9.2).
struct SignCall {
  CK_MECHANISM_TYPE mechanism;
  CK_RSA_PKCS_PSS_PARAMS pss;
  bool has_pss;
  Bytes data;
};
// Error{failed} where scheme and key, or digest and hash, do not go together.
SignCall sign_call(const KeyKind& kind, crypto::Scheme scheme, crypto::HashAlgorithm hash,
                   ByteView digest);

}  // namespace tsp::hsm
