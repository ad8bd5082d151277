#include "x509/profile.h"

#include "authority.h"
#include "base/error.h"
#include "support/catch.h"

using namespace tsp;
using x509::parse_profile;

namespace {

const std::string kSigner =
    "name: x\nrole: signer\nsubject: natural\nlifetime: 2y\nlongest_lifetime: 3y\n"
    "key_usage: [nonRepudiation]\npolicies: [test]\n";

std::string verdict(const std::string& text) {
  try {
    (void)parse_profile(yaml::parse(text, "p"));
    return "accepted";
  } catch (const Error& error) {
    CHECK(error.fault == Fault::bad_input);
    return error.what();
  }
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the shipped profiles are sound and named like their files") {
  for (const char* name : {"root", "issuing", "ocsp", "tsa", "sam", "natural-person",
                           "legal-person", "short-lived", "short-lived-seal"}) {
    INFO(name);
    const x509::Profile p = test::profile(name);
    CHECK(p.name == name);
    CHECK(x509::unbacked_claims(p).empty());
  }
}

TEST_CASE("a profile is read as it is written") {
  const x509::Profile p = test::profile("tsa");
  CHECK(p.role == x509::Role::tsa);
  CHECK(p.subject == x509::SubjectKind::service);
  CHECK(p.lifetime == std::chrono::hours(5 * 365 * 24));
  CHECK(p.private_key_usage == std::chrono::hours(400 * 24));
  CHECK(p.extended_key_usage == std::vector<std::string>{"1.3.6.1.5.5.7.3.8"});
  CHECK(p.extended_key_usage_critical);
  CHECK(test::profile("issuing").path_length == 0);
  CHECK(test::profile("short-lived").validity_assured);
  CHECK(test::profile("ocsp").ocsp_nocheck);
  CHECK(test::profile("natural-person").destroy_key_on_revocation);
  CHECK(test::profile("legal-person").destroy_key_on_revocation);
  CHECK_FALSE(test::profile("short-lived").destroy_key_on_revocation);
}

TEST_CASE("unknown members and words are refused with their line") {
  CHECK(verdict(kSigner) == "accepted");
  CHECK(verdict(kSigner + "polices: []\n") ==
        "p:8: \"polices\" is not known here; did you mean \"policies\"?");
  CHECK_THAT(verdict(with(kSigner, "signer", "sealer")), ContainsSubstring("p:2: \"sealer\""));
  CHECK_THAT(verdict(with(kSigner, "nonRepudiation", "contentCommitment")),
             ContainsSubstring("p:6: \"contentCommitment\" is not a key usage"));
  CHECK_THAT(verdict(with(kSigner, "[test]", "[1.2.x]")), ContainsSubstring("p:7"));
  CHECK_THAT(verdict(with(kSigner, "name: x", "name: ../x")), ContainsSubstring("p:1"));
  CHECK_THAT(verdict(kSigner + "required_subject: [nickname]\n"), ContainsSubstring("p:8"));
  CHECK_THAT(verdict(kSigner + "algorithms: [rsa-2048]\n"), ContainsSubstring("p:8"));
  CHECK_THAT(verdict(kSigner + "policies: [test]\n"), ContainsSubstring("twice"));
}

TEST_CASE("durations have a number and one unit") {
  for (const char* bad : {"2", "d", "-1d", "0d", "1.5d", "2w", "2 d", "99999999999999999999d"}) {
    INFO(bad);
    CHECK_THAT(verdict(with(kSigner, "2y", bad)), ContainsSubstring("p:4"));
  }
}

TEST_CASE("a profile that contradicts the standards is refused") {
  const auto refused = [](const std::string& text, const std::string& why) {
    CHECK_THAT(verdict(text), ContainsSubstring(why));
  };
  refused(with(kSigner, "2y", "4y"), "p:4: longer than longest_lifetime");
  refused(with(kSigner, "nonRepudiation", "digitalSignature"), "a signer has nonRepudiation");
  refused(with(kSigner, "nonRepudiation", "nonRepudiation, keyCertSign"), "a signer has");
  refused(with(kSigner, "natural", "ca"), "a signer is");
  refused(with(kSigner, "[test]", "[]"), "names its policy");
  refused(kSigner + "validity_assured: true\n", "under 24h");
  refused(kSigner + "path_length: 0\n", "only CAs");
  refused(kSigner + "ocsp_nocheck: true\n", "only responders");
  refused(kSigner + "algorithms: [ed25519]\n", "Ed25519");
  refused(kSigner + "extended_key_usage: [timeStamping]\n", "neither responder");
  refused(kSigner + "extended_key_usage: [activationModule]\n", "nor activation module");
  const std::string module =
      "name: x\nrole: sam\nsubject: service\nlifetime: 1y\nlongest_lifetime: 1y\n"
      "key_usage: [digitalSignature]\nextended_key_usage: [activationModule]\n"
      "extended_key_usage_critical: true\n";
  refused(with(module, "service", "legal"), "subject is \"service\"");
  refused(with(module, "[digitalSignature]", "[digitalSignature, nonRepudiation]"),
          "digitalSignature, nothing else");
  refused(with(module, "[activationModule]", "[activationModule, OCSPSigning]"), "alone, critical");
  refused(with(module, "true", "false"), "alone, critical");
  refused(kSigner + "extended_key_usage_critical: true\n", "no extended key usage");
  refused(
      "name: x\nrole: tsa\nsubject: service\nlifetime: 1y\nlongest_lifetime: 1y\n"
      "key_usage: [digitalSignature]\nextended_key_usage: [timeStamping]\n"
      "private_key_usage: 1y\n",
      "alone, critical");
  refused(
      "name: x\nrole: root\nsubject: ca\nlifetime: 1y\nlongest_lifetime: 1y\n"
      "key_usage: [keyCertSign, cRLSign]\ndestroy_key_on_revocation: true\n",
      "p:7: only signers");
  refused(
      "name: x\nrole: root\nsubject: ca\nlifetime: 1y\nlongest_lifetime: 1y\n"
      "key_usage: [keyCertSign, digitalSignature]\n",
      "keyCertSign and cRLSign");
}

TEST_CASE("policies of ETSI and statements of qualification are claims that nothing backs") {
  const auto claims = [](const std::string& text) {
    return x509::unbacked_claims(parse_profile(yaml::parse(text, "p"))).size();
  };
  CHECK(claims(with(kSigner, "[test]", "[0.4.0.2042.1.1]")) == 1);
  CHECK(claims(kSigner + "qc_statements: [QcCompliance, QcSSCD]\n") == 2);
  CHECK(claims(with(kSigner, "[test]", "[1.3.6.1.4.1.99999.1]")) == 0);
}
