#include "crypto/suite.h"

#include "support/catch.h"
#include "support/software_signer.h"

using namespace tsp;
using namespace tsp::crypto;
using test::shared_signer;

namespace {

Time on(std::string_view day) {
  return from_rfc3339(day).value();
}

}  // namespace

TEST_CASE("SHA-224 is good on its last day and not after") {
  CHECK_FALSE(objection(HashAlgorithm::sha224, on("2028-12-31T23:59:59Z")));
  const auto reason = objection(HashAlgorithm::sha224, on("2029-01-01"));
  REQUIRE(reason);
  CHECK_THAT(*reason, ContainsSubstring("SHA-224") && ContainsSubstring("2028-12-31"));
}

TEST_CASE("SHA-1 ended with 2008") {
  CHECK_FALSE(objection(HashAlgorithm::sha1, on("2008-12-31")));
  CHECK(objection(HashAlgorithm::sha1, on("2009-01-01")));
}

TEST_CASE("SHA-256 and longer have no end") {
  for (auto hash : {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512})
    CHECK_FALSE(objection(hash, on("2090-01-01")));
}

TEST_CASE("RSA-2048 still verifies until 2028 and is never certified anew") {
  const auto key = PublicKey::of(test::generate_rsa(2048).get());
  CHECK_FALSE(objection(key, on("2028-12-31")));
  CHECK_THAT(objection(key, on("2029-01-01")).value(),
             ContainsSubstring("RSA-2048") && ContainsSubstring("2028-12-31"));
  CHECK_THAT(objection_to_issuing(key, on("2026-06-01")).value(),
             ContainsSubstring("RSA-2048") && ContainsSubstring("2026-12-31"));
}

TEST_CASE("RSA-1024 ended with 2008, RSA-512 never was") {
  const auto weak = PublicKey::of(test::generate_rsa(1024).get());
  CHECK_FALSE(objection(weak, on("2008-06-01")));
  CHECK(objection(weak, on("2010-01-01")));
  CHECK_THAT(objection(PublicKey::of(test::generate_rsa(512).get()), on("2001-01-01")).value(),
             ContainsSubstring("RSA-512"));
}

TEST_CASE("PKCS#1 v1.5 is legacy to the end of 2034, PSS stays") {
  const auto& key = shared_signer(KeyAlgorithm::rsa_3072).public_key();
  const auto hash = HashAlgorithm::sha256;
  CHECK_FALSE(objection(Scheme::rsa_pkcs1, hash, key, on("2034-12-31T12:00:00Z")));
  CHECK_THAT(objection(Scheme::rsa_pkcs1, hash, key, on("2035-01-01")).value(),
             ContainsSubstring("PKCS#1 v1.5") && ContainsSubstring("2034-12-31"));
  CHECK_FALSE(objection(Scheme::rsa_pss, hash, key, on("2035-01-01")));
}

TEST_CASE("a signature is as good as its hash and its key") {
  const auto& key = shared_signer(KeyAlgorithm::ecdsa_p256).public_key();
  CHECK_THAT(objection(Scheme::ecdsa, HashAlgorithm::sha1, key, on("2026-01-01")).value(),
             ContainsSubstring("SHA-1"));
  CHECK_FALSE(objection(Scheme::ecdsa, HashAlgorithm::sha256, key, on("2026-01-01")));
}

TEST_CASE("curves of the suite are accepted, others are named and refused") {
  const auto judge = [](const char* curve) {
    return objection(PublicKey::of(test::generate_ec(curve).get()), on("2026-01-01"));
  };
  CHECK_FALSE(judge("P-521"));
  CHECK_FALSE(judge("brainpoolP384r1"));
  CHECK_THAT(judge("secp256k1").value(), ContainsSubstring("secp256k1"));
  CHECK_THAT(judge("secp224r1").value(), ContainsSubstring("2015-12-31"));
}

TEST_CASE("keys that we make have no objection to issuing") {
  for (auto algorithm : {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_3072, KeyAlgorithm::ed25519})
    CHECK_FALSE(objection_to_issuing(shared_signer(algorithm).public_key(), on("2031-01-01")));
}
