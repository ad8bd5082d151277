// What openssl says of what we issue.
#include <fmt/format.h>

#include "authority.h"
#include "crypto/algorithms.h"
#include "support/catch.h"
#include "support/command.h"

using namespace tsp;
using crypto::KeyAlgorithm;

namespace {

constexpr KeyAlgorithm kAlgorithms[] = {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384,
                                        KeyAlgorithm::rsa_3072};

}  // namespace

TEST_CASE("openssl verifies chains of every profile strictly") {
  for (KeyAlgorithm algorithm : kAlgorithms) {
    test::Authority authority(algorithm);
    const test::Folder folder;
    const std::string root = folder.put("root.pem", authority.root.pem());
    const std::string issuing = folder.put("issuing.pem", authority.issuing.pem());
    CHECK(test::run("openssl verify -x509_strict -trusted " + root + " " + root).status == 0);
    for (const char* name : {"ocsp", "tsa", "natural-person", "short-lived"}) {
      const bool service = std::string(name) == "ocsp" || std::string(name) == "tsa";
      test::SoftwareSigner key(algorithm);
      const auto leaf = authority.issue(test::order_for(
          test::profile(name), service ? test::organisation("TEST service") : test::ada(),
          key.public_key(), authority.now));
      const std::string purpose = std::string(name) == "tsa"    ? "timestampsign"
                                  : std::string(name) == "ocsp" ? "ocsphelper"
                                                                : "any";
      const auto answer = test::run(fmt::format(
          "openssl verify -x509_strict -check_ss_sig -purpose {} -policy_check -trusted {} "
          "-untrusted {} {}",
          purpose, root, issuing, folder.put("leaf.pem", leaf.pem())));
      INFO(name << " " << crypto::name_of(algorithm) << ": " << answer.output);
      CHECK(answer.status == 0);
    }
  }
}

TEST_CASE("a request verifies and names its subject") {
  for (KeyAlgorithm algorithm : kAlgorithms) {
    test::SoftwareSigner key(algorithm);
    const test::Folder folder;
    x509::Subject subject;
    subject.common_name = "TEST Zoë";
    const std::string path = folder.put("r.csr", x509::make_request(subject, key));
    const auto answer =
        test::run("openssl req -inform DER -noout -verify -subject -nameopt utf8 -in " + path);
    INFO(answer.output);
    CHECK(answer.status == 0);
    CHECK_THAT(answer.output, ContainsSubstring("TEST Zoë"));
    CHECK_THAT(answer.output, ContainsSubstring("OK"));
  }
}
