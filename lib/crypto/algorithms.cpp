#include "crypto/algorithms.h"

#include <array>

#include "base/error.h"
#include "crypto/der.h"

namespace tsp::crypto {
namespace {

struct HashRow {
  HashAlgorithm hash;
  std::string_view name, oid, rsa_oid, ecdsa_oid;
  std::size_t size;  // octets
};

// RFC 3279, RFC 5754, RFC 5758: digest, shaWithRSAEncryption, ecdsa-with-SHA.
constexpr std::array kHashes{
    HashRow{HashAlgorithm::sha1, "sha1", "1.3.14.3.2.26", "1.2.840.113549.1.1.5",
            "1.2.840.10045.4.1", 20},
    HashRow{HashAlgorithm::sha224, "sha224", "2.16.840.1.101.3.4.2.4", "1.2.840.113549.1.1.14",
            "1.2.840.10045.4.3.1", 28},
    HashRow{HashAlgorithm::sha256, "sha256", "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11",
            "1.2.840.10045.4.3.2", 32},
    HashRow{HashAlgorithm::sha384, "sha384", "2.16.840.1.101.3.4.2.2", "1.2.840.113549.1.1.12",
            "1.2.840.10045.4.3.3", 48},
    HashRow{HashAlgorithm::sha512, "sha512", "2.16.840.1.101.3.4.2.3", "1.2.840.113549.1.1.13",
            "1.2.840.10045.4.3.4", 64},
};

struct KeyRow {
  KeyAlgorithm key;
  std::string_view name;
  HashAlgorithm hash;
};

constexpr std::array kKeys{
    KeyRow{KeyAlgorithm::ecdsa_p256, "ecdsa-p256", HashAlgorithm::sha256},
    KeyRow{KeyAlgorithm::ecdsa_p384, "ecdsa-p384", HashAlgorithm::sha384},
    KeyRow{KeyAlgorithm::ecdsa_p521, "ecdsa-p521", HashAlgorithm::sha512},
    KeyRow{KeyAlgorithm::rsa_3072, "rsa-3072", HashAlgorithm::sha256},
    KeyRow{KeyAlgorithm::rsa_4096, "rsa-4096", HashAlgorithm::sha256},
    // Ed25519 hashes the message itself with SHA-512 (RFC 8032 5.1); beside it in CMS: RFC 8419.
    KeyRow{KeyAlgorithm::ed25519, "ed25519", HashAlgorithm::sha512},
};

constexpr std::string_view kPss = "1.2.840.113549.1.1.10", kMgf1 = "1.2.840.113549.1.1.8",
                           kEd25519 = "1.3.101.112";

const HashRow& row_of(HashAlgorithm hash) {
  for (const HashRow& row : kHashes)
    if (row.hash == hash) return row;
  throw Error(Fault::failed, "no such hash algorithm");
}

const KeyRow& row_of(KeyAlgorithm key) {
  for (const KeyRow& row : kKeys)
    if (row.key == key) return row;
  throw Error(Fault::failed, "no such key algorithm");
}

// RFC 4055 section 3.1. The hash identifiers inside carry NULL (section 6 there, and what everybody
// else emits); trailerField is always its default, which DER leaves out.
Bytes pss_parameters(HashAlgorithm hash) {
  const Bytes hash_identifier = der::sequence(der::oid(oid_of(hash)), der::null());
  const Bytes mask = der::sequence(der::oid(kMgf1), hash_identifier);
  const Bytes salt = der::integer(static_cast<std::int64_t>(size_of(hash)));
  return der::sequence(der::tlv(der::context(0), hash_identifier), der::tlv(der::context(1), mask),
                       der::tlv(der::context(2), salt));
}

}  // namespace

std::string_view name_of(HashAlgorithm hash) {
  return row_of(hash).name;
}

std::string_view name_of(KeyAlgorithm key) {
  return row_of(key).name;
}

std::string_view name_of(Scheme scheme) {
  switch (scheme) {
    case Scheme::ecdsa:
      return "ecdsa";
    case Scheme::rsa_pss:
      return "rsa-pss";
    case Scheme::rsa_pkcs1:
      return "rsa-pkcs1";
    case Scheme::ed25519:
      return "ed25519";
  }
  throw Error(Fault::failed, "no such signature scheme");
}

std::optional<HashAlgorithm> parse_hash(std::string_view name) {
  for (const HashRow& row : kHashes)
    if (row.name == name) return row.hash;
  return std::nullopt;
}

std::optional<KeyAlgorithm> parse_key_algorithm(std::string_view name) {
  for (const KeyRow& row : kKeys)
    if (row.name == name) return row.key;
  return std::nullopt;
}

std::size_t size_of(HashAlgorithm hash) {
  return row_of(hash).size;
}

HashAlgorithm default_hash(KeyAlgorithm key) {
  return row_of(key).hash;
}

Scheme scheme_for(KeyAlgorithm key, Purpose purpose) {
  if (key == KeyAlgorithm::ed25519) return Scheme::ed25519;
  if (!is_rsa(key)) return Scheme::ecdsa;
  return purpose == Purpose::document ? Scheme::rsa_pss : Scheme::rsa_pkcs1;
}

bool is_rsa(KeyAlgorithm key) {
  return key == KeyAlgorithm::rsa_3072 || key == KeyAlgorithm::rsa_4096;
}

std::string_view oid_of(HashAlgorithm hash) {
  return row_of(hash).oid;
}

std::optional<HashAlgorithm> hash_of_oid(std::string_view dotted) {
  for (const HashRow& row : kHashes)
    if (row.oid == dotted) return row.hash;
  return std::nullopt;
}

Bytes digest_identifier(HashAlgorithm hash) {
  return der::sequence(der::oid(oid_of(hash)));
}

Bytes signature_identifier(Scheme scheme, HashAlgorithm hash) {
  switch (scheme) {
    case Scheme::ecdsa:
      return der::sequence(der::oid(row_of(hash).ecdsa_oid));
    case Scheme::rsa_pss:
      return der::sequence(der::oid(kPss), pss_parameters(hash));
    case Scheme::rsa_pkcs1:
      return der::sequence(der::oid(row_of(hash).rsa_oid), der::null());
    case Scheme::ed25519:
      return der::sequence(der::oid(kEd25519));
  }
  throw Error(Fault::failed, "no such signature scheme");
}

}  // namespace tsp::crypto
