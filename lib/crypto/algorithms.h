// The algorithms of this house by name, and their OIDs (standards: ETSI TS 119 312 V2.1.1).
// Names are those of the command line; parse_ functions judge nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tsp::crypto {

enum class HashAlgorithm { sha1, sha224, sha256, sha384, sha512 };

enum class KeyAlgorithm { ecdsa_p256, ecdsa_p384, ecdsa_p521, rsa_3072, rsa_4096, ed25519 };

// How a signature value is made. RSA keys are always rsaEncryption in the SubjectPublicKeyInfo;
// PSS has MGF1 and salt of the same hash, salt as long as the hash.
enum class Scheme { ecdsa, rsa_pss, rsa_pkcs1, ed25519 };

// What a signature is made for decides an RSA key's padding: documents use PSS; certificates, CRLs,
// OCSP answers and time-stamps PKCS#1 v1.5.
enum class Purpose { document, infrastructure };

std::string_view name_of(HashAlgorithm hash);  // "sha256"
std::string_view name_of(KeyAlgorithm key);    // "ecdsa-p256"
std::string_view name_of(Scheme scheme);       // "ecdsa", "rsa-pss", …
std::optional<HashAlgorithm> parse_hash(std::string_view name);
std::optional<KeyAlgorithm> parse_key_algorithm(std::string_view name);

std::size_t size_of(HashAlgorithm hash);       // octets
HashAlgorithm default_hash(KeyAlgorithm key);  // follows the curve; RSA: sha256
Scheme scheme_for(KeyAlgorithm key, Purpose purpose);
bool is_rsa(KeyAlgorithm key);

// Dotted OID of the digest ("2.16.840.1.101.3.4.2.1") and back.
std::string_view oid_of(HashAlgorithm hash);
std::optional<HashAlgorithm> hash_of_oid(std::string_view dotted);

// DER AlgorithmIdentifiers. SHA-2 digests carry no parameters (RFC 5754 section 2), PKCS#1 v1.5
// carries NULL, ECDSA none, PSS its RSASSA-PSS-params (RFC 4055 section 3.1; the hashes inside
// carry NULL, as others write them, and trailerField is left out, as DER asks of a default).
Bytes digest_identifier(HashAlgorithm hash);
Bytes signature_identifier(Scheme scheme, HashAlgorithm hash);

}  // namespace tsp::crypto
