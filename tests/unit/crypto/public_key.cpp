#include "crypto/public_key.h"

#include "base/error.h"
#include "crypto/digest.h"
#include "support/catch.h"
#include "support/software_signer.h"

using namespace tsp;
using namespace tsp::crypto;
using test::shared_signer;

namespace {

const Bytes kDigest = sha256(as_bytes("a document"));

}  // namespace

TEST_CASE("signatures of every scheme verify, and not under another digest") {
  const auto [key, scheme] = GENERATE(std::pair{KeyAlgorithm::ecdsa_p256, Scheme::ecdsa},
                                      std::pair{KeyAlgorithm::ecdsa_p384, Scheme::ecdsa},
                                      std::pair{KeyAlgorithm::ecdsa_p521, Scheme::ecdsa},
                                      std::pair{KeyAlgorithm::rsa_3072, Scheme::rsa_pss},
                                      std::pair{KeyAlgorithm::rsa_3072, Scheme::rsa_pkcs1},
                                      std::pair{KeyAlgorithm::ed25519, Scheme::ed25519});
  auto& signer = shared_signer(key);
  const Bytes value = signer.sign(scheme, HashAlgorithm::sha256, kDigest);
  CHECK(signer.public_key().verify(scheme, HashAlgorithm::sha256, kDigest, value));
  CHECK_FALSE(signer.public_key().verify(scheme, HashAlgorithm::sha256, sha256({}), value));
  CHECK(signer.public_key().algorithm() == key);
}
