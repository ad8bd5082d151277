#include "x509/certificate.h"

#include <filesystem>
#include <fstream>
#include <random>

#include "base/error.h"
#include "support/catch.h"
#include "support/command.h"

using tsp::Bytes;
using tsp::Error;
using tsp::x509::Certificate;

namespace {

const std::string kPkits = std::string(TSP_SOURCE_DIR) + "/../shared/data/pkits/certs";

// A certificate made by openssl, with `extensions` as lines of its configuration.
Certificate made_by_openssl(const std::string& subject, const std::string& extensions = "") {
  const tsp::test::Folder folder;
  const std::string config = folder.put(
      "c.cnf", "[req]\ndistinguished_name=d\nx509_extensions=e\nutf8=yes\n[d]\n[e]\n" + extensions);
  const auto made = tsp::test::run(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null "
      "-multivalue-rdn -utf8 -days 10 -set_serial 0x00a1b2 -config " +
      config + " -subj '" + subject + "' -outform DER -out " + folder.file("c.der"));
  INFO(made.output);
  REQUIRE(made.status == 0);
  return Certificate::from_der(folder.get("c.der"));
}

// Asks everything there is to ask; only Error may come.
void ask_all_of_certificate(const Certificate& c) {
  (void)c.pem();
  (void)c.sha256();
  (void)c.serial();
  (void)c.subject();
  (void)c.issuer();
  (void)c.subject_der();
  (void)c.issuer_der();
  (void)c.common_name();
  (void)c.not_before();
  (void)c.not_after();
  (void)c.is_ca();
  (void)c.is_self_issued();
  (void)c.subject_key_id();
  (void)c.has_key_usage(0);
  (void)c.has_extended_key_usage("1.3.6.1.5.5.7.3.8");
  (void)c.extension("2.5.29.15");
  (void)c.crl_urls();
  (void)c.ocsp_urls();
  (void)c.issuer_urls();
  (void)c.needs_no_revocation_check();
  (void)c.private_key_usage_end();
  try {
    (void)c.is_signed_by(c.public_key());
  } catch (const Error&) {
  }
}

void attack(const Bytes& der) {
  try {
    ask_all_of_certificate(Certificate::from_der(der));
  } catch (const Error&) {
  }
}

const std::string kExtensions =
    "subjectKeyIdentifier=hash\nbasicConstraints=critical,CA:TRUE\n"
    "keyUsage=critical,keyCertSign,cRLSign\nextendedKeyUsage=timeStamping\n"
    "crlDistributionPoints=URI:http://a.test/1.crl,URI:http://b.test/2.crl\n"
    "authorityInfoAccess=OCSP;URI:http://o.test/,caIssuers;URI:http://i.test/ca.cer\n"
    "noCheck=ignored\n";

}  // namespace

TEST_CASE("a certificate of openssl answers as openssl wrote it") {
  const Certificate c = made_by_openssl("/C=LU/O=TEST, Ltd/CN=root", kExtensions);
  CHECK(c.serial() == "a1b2");
  CHECK(c.subject() == "CN=root,O=TEST\\, Ltd,C=LU");
  CHECK(c.issuer() == c.subject());
  CHECK(c.common_name() == "root");
  CHECK(c.is_self_issued());
  CHECK(c.is_ca());
  CHECK(c.has_key_usage(5));
  CHECK(c.has_key_usage(6));
  CHECK_FALSE(c.has_key_usage(0));
  CHECK(c.has_extended_key_usage("1.3.6.1.5.5.7.3.8"));
  CHECK_FALSE(c.has_extended_key_usage("1.3.6.1.5.5.7.3.9"));
  CHECK(c.crl_urls() == std::vector<std::string>{"http://a.test/1.crl", "http://b.test/2.crl"});
  CHECK(c.ocsp_urls() == std::vector<std::string>{"http://o.test/"});
  CHECK(c.issuer_urls() == std::vector<std::string>{"http://i.test/ca.cer"});
  CHECK(c.needs_no_revocation_check());
  CHECK(c.subject_key_id()->size() == 20);
  CHECK(c.not_after() - c.not_before() == std::chrono::hours(240));
  CHECK(c.public_key().algorithm() == tsp::crypto::KeyAlgorithm::ecdsa_p256);
  CHECK(c.is_signed_by(c.public_key()));
}

TEST_CASE("without extensions nothing is claimed and every key usage is allowed") {
  const Certificate c = made_by_openssl("/CN=plain");
  CHECK_FALSE(c.is_ca());
  CHECK(c.has_key_usage(1));
  CHECK_FALSE(c.has_extended_key_usage("2.5.29.37.0"));
  CHECK(c.crl_urls().empty());
  CHECK_FALSE(c.needs_no_revocation_check());
}

TEST_CASE("names are text after RFC 4514") {
  CHECK(made_by_openssl("/CN= lead and trail ").subject() == "CN=\\ lead and trail\\ ");
  CHECK(made_by_openssl("/CN=#a\\+b;c\\\\d\"<>").subject() == "CN=\\#a\\+b\\;c\\\\d\\\"\\<\\>");
  CHECK(made_by_openssl("/C=LU/O=x+OU=y").subject() == "OU=y+O=x,C=LU");
  CHECK(made_by_openssl("/CN=Zoë Καλ/GN=Zoë/SN=K").subject() == "SN=K,givenName=Zoë,CN=Zoë Καλ");
  CHECK(made_by_openssl("/CN=x/postalCode=L-1").subject().rfind("2.5.4.17=#", 0) == 0);
}

TEST_CASE("a certificate goes through PEM unchanged, alone and among others") {
  const Certificate a = made_by_openssl("/CN=a"), b = made_by_openssl("/CN=b");
  CHECK(Certificate::from_pem(a.pem()) == a);
  const auto both = Certificate::all_from_pem("Bag attributes\n" + a.pem() + "text\n" + b.pem());
  REQUIRE(both.size() == 2);
  CHECK(both[1] == b);
  CHECK(Certificate::all_from_pem("nothing here").empty());
  CHECK_THROWS_AS(Certificate::from_pem("nothing here"), Error);
  CHECK_THROWS_AS(Certificate::from_pem(a.pem().substr(0, 200)), Error);
}

TEST_CASE("what openssl reads from our PEM is what we read from its DER") {
  const Certificate a = made_by_openssl("/CN=a");
  const tsp::test::Folder folder;
  const std::string path = folder.put("a.pem", a.pem());
  CHECK(tsp::test::run("openssl x509 -noout -serial -in " + path).output == "serial=A1B2\n");
}

TEST_CASE("bytes after a certificate are refused") {
  Bytes der = made_by_openssl("/CN=a").der();
  der.push_back(0);
  CHECK_THROWS_AS(Certificate::from_der(der), Error);
}

TEST_CASE("another encoding of the same certificate is refused") {
  // The outer SEQUENCE with indefinite length: BER, not DER.
  const Bytes der = made_by_openssl("/CN=a").der();
  REQUIRE(der[1] == 0x82);
  Bytes ber = {0x30, 0x80};
  ber.insert(ber.end(), der.begin() + 4, der.end());
  ber.insert(ber.end(), {0, 0});
  CHECK_THROWS_AS(Certificate::from_der(ber), Error);
}

TEST_CASE("every truncation of a certificate is refused") {
  const Bytes der = made_by_openssl("/CN=a", kExtensions).der();
  for (std::size_t size = 0; size < der.size(); ++size)
    CHECK_THROWS_AS(Certificate::from_der(tsp::ByteView(der).first(size)), Error);
}

TEST_CASE("no flipped bit makes a certificate do more than throw Error") {
  const Bytes der = made_by_openssl("/C=LU/O=x/CN=a", kExtensions).der();
  for (std::size_t at = 0; at < der.size(); ++at) {
    for (int bit = 0; bit < 8; bit += 3) {
      Bytes damaged = der;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ (1u << bit));
      attack(damaged);
    }
  }
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    Bytes damaged = der;
    for (int i = 0; i < 4; ++i)
      damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
    attack(damaged);
  }
  SUCCEED();
}

TEST_CASE("the certificates of NIST PKITS are read") {
  if (!std::filesystem::exists(kPkits)) {
    WARN("skipped: the PKITS data is not here");
    return;
  }
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kPkits)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const Bytes der{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    INFO(entry.path().string());
    REQUIRE_NOTHROW(ask_all_of_certificate(Certificate::from_der(der)));
    ++count;
  }
  CHECK(count > 300);
}
