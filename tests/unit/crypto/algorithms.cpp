#include "crypto/algorithms.h"

#include "crypto/der.h"
#include "crypto/digest.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::crypto;

TEST_CASE("digests are those of FIPS 180-4's examples") {
  const Bytes abc = to_bytes(as_bytes("abc"));
  CHECK(to_hex(digest(HashAlgorithm::sha1, abc)) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(to_hex(digest(HashAlgorithm::sha224, abc)) ==
        "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
  CHECK(to_hex(sha256(abc)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(digest(HashAlgorithm::sha384, abc)) ==
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
        "8086072ba1e7cc2358baeca134c825a7");
  CHECK(to_hex(digest(HashAlgorithm::sha512, abc)) ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST_CASE("a digest in pieces is the digest of the whole") {
  Hasher hasher(HashAlgorithm::sha256);
  hasher.update(as_bytes("a")).update({}).update(as_bytes("b"));
  Hasher fork = hasher.fork();
  CHECK(hasher.update(as_bytes("c")).finish() == sha256(as_bytes("abc")));
  CHECK(fork.update(as_bytes("d")).finish() == sha256(as_bytes("abd")));
}

TEST_CASE("names of algorithms go both ways") {
  for (auto hash : {HashAlgorithm::sha1, HashAlgorithm::sha224, HashAlgorithm::sha256,
                    HashAlgorithm::sha384, HashAlgorithm::sha512}) {
    CHECK(parse_hash(name_of(hash)) == hash);
    CHECK(hash_of_oid(oid_of(hash)) == hash);
    CHECK(digest(hash, {}).size() == size_of(hash));
  }
  for (auto key : {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384, KeyAlgorithm::ecdsa_p521,
                   KeyAlgorithm::rsa_3072, KeyAlgorithm::rsa_4096, KeyAlgorithm::ed25519})
    CHECK(parse_key_algorithm(name_of(key)) == key);
  CHECK_FALSE(parse_hash("SHA256"));
  CHECK_FALSE(parse_key_algorithm("rsa-2048"));
  CHECK_FALSE(hash_of_oid("1.2.3"));
}

TEST_CASE("RSA keys sign documents with PSS and infrastructure with PKCS#1") {
  CHECK(scheme_for(KeyAlgorithm::rsa_3072, Purpose::document) == Scheme::rsa_pss);
  CHECK(scheme_for(KeyAlgorithm::rsa_4096, Purpose::infrastructure) == Scheme::rsa_pkcs1);
  CHECK(scheme_for(KeyAlgorithm::ecdsa_p384, Purpose::document) == Scheme::ecdsa);
  CHECK(scheme_for(KeyAlgorithm::ed25519, Purpose::infrastructure) == Scheme::ed25519);
}

// The octets that Mozilla's root store policy 2.7 section 5.1 prescribes.
TEST_CASE("signature identifiers have the octets of Mozilla's root store policy") {
  const auto hex = [](Scheme scheme, HashAlgorithm hash) {
    return to_hex(signature_identifier(scheme, hash));
  };
  CHECK(hex(Scheme::rsa_pkcs1, HashAlgorithm::sha256) == "300d06092a864886f70d01010b0500");
  CHECK(hex(Scheme::rsa_pkcs1, HashAlgorithm::sha512) == "300d06092a864886f70d01010d0500");
  CHECK(hex(Scheme::rsa_pss, HashAlgorithm::sha256) ==
        "304106092a864886f70d01010a3034a00f300d0609608648016503040201"
        "0500a11c301a06092a864886f70d010108300d0609608648016503040201"
        "0500a203020120");
  CHECK(hex(Scheme::rsa_pss, HashAlgorithm::sha384) ==
        "304106092a864886f70d01010a3034a00f300d0609608648016503040202"
        "0500a11c301a06092a864886f70d010108300d0609608648016503040202"
        "0500a203020130");
  CHECK(hex(Scheme::ecdsa, HashAlgorithm::sha256) == "300a06082a8648ce3d040302");
  CHECK(hex(Scheme::ecdsa, HashAlgorithm::sha384) == "300a06082a8648ce3d040303");
}

TEST_CASE("digest identifiers carry no parameters") {
  CHECK(to_hex(digest_identifier(HashAlgorithm::sha256)) == "300b0609608648016503040201");
  CHECK(to_hex(signature_identifier(Scheme::ed25519, HashAlgorithm::sha512)) == "300506032b6570");
}
