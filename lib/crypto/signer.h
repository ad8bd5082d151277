// A private key that may be somewhere else, seen through one verb.
#pragma once

#include "crypto/public_key.h"

namespace tsp::crypto {

class Signer {
 public:
  virtual ~Signer() = default;
  virtual const PublicKey& public_key() const = 0;
  // Signs a digest of `hash` (Ed25519: the message itself). The value is what X.509 and CMS carry:
  // ECDSA as DER SEQUENCE {r, s}, RSA as long as the modulus. Throws Error, never returns an empty
  // or unverified guess: callers still verify where a document depends on it.
  virtual Bytes sign(Scheme scheme, HashAlgorithm hash, ByteView digest) = 0;
};

// A signature over octets as the parts of this TSP make it for each other: the scheme for
// infrastructure over a digest by the key's default hash, for Ed25519, too. Throws
// Error{policy_refused} for a key of an algorithm that is not ours; with such a key nothing
// verifies.
Bytes sign_octets(Signer& key, ByteView octets);
bool verify_octets(const PublicKey& key, ByteView octets, ByteView signature);

// Makes a Signer an EVP_PKEY for OpenSSL's own signing functions (X509_sign, X509_CRL_sign,
// OCSP_basic_sign, …) through an in-process provider; nothing is loaded from disk. RSA keys sign
// with the padding that the caller of OpenSSL sets (PKCS#1 v1.5 unless PSS is asked for; PSS only
// with MGF1 and salt of the hash, anything else fails). The key compares equal with its public
// half, encodes it and verifies with it; private values it never gives. Throws
// Error{policy_refused} for keys that are not RSA, EC or Ed25519. `signer` must outlive the key and
// all that holds a reference to it. An Error thrown by the signer is kept and rethrown by
// rethrow_signer_error(); OpenSSL's own caller only sees that it failed.
EvpPkeyPtr evp_key_of(Signer& signer);
// Throws what the last failed Signer call on this thread threw, if anything, and forgets it.
void rethrow_signer_error();

}  // namespace tsp::crypto
