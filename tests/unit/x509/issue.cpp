#include "x509/issue.h"

#include <functional>

#include "authority.h"
#include "base/error.h"
#include "support/catch.h"
#include "support/command.h"
#include "x509/lint.h"

using namespace tsp;
using namespace std::chrono;
using crypto::KeyAlgorithm;
using x509::Certificate;
using x509::Order;
using x509::Plan;

namespace {

const Time kNow = *from_rfc3339("2026-11-21T10:00:00Z");

test::Authority& authority() {
  static test::Authority made(KeyAlgorithm::ecdsa_p256, kNow);
  return made;
}

const crypto::PublicKey& some_key() {
  static test::SoftwareSigner signer(KeyAlgorithm::ecdsa_p256);
  return signer.public_key();
}

Order good(const std::string& profile = "natural-person") {
  const bool person = profile == "natural-person" || profile == "short-lived";
  x509::Subject subject = person ? test::ada() : test::organisation("TEST thing");
  if (profile == "legal-person") subject.organization_id = "VATLU-12345678";
  return test::order_for(test::profile(profile), subject, some_key(), kNow);
}

Plan plan(const Order& order) {
  test::Authority& a = authority();
  return x509::plan_certificate(order, &a.issuing, a.issuing_key.public_key(), kNow);
}

// All objections to a good order after `change`, one a line.
std::string objections(const std::string& profile, const std::function<void(Order&)>& change) {
  Order order = good(profile);
  change(order);
  std::string all;
  for (const std::string& objection : plan(order).objections) all += objection + "\n";
  return all;
}

std::string objections(const std::function<void(Order&)>& change) {
  return objections("natural-person", change);
}

}  // namespace

TEST_CASE("every shipped profile is issued without objection") {
  for (const char* name : {"ocsp", "tsa", "sam", "natural-person", "legal-person", "short-lived"}) {
    INFO(name);
    CHECK(objections(name, [](Order&) {}) == "");
  }
}

TEST_CASE("what was planned is what is signed") {
  const Order order = good();
  const Plan planned = plan(order);
  const Certificate c = x509::issue_certificate(planned, authority().issuing_key);
  const Bytes& der = c.der();
  CHECK(std::search(der.begin(), der.end(), planned.tbs.begin(), planned.tbs.end()) ==
        der.begin() + 4);
  CHECK(c.serial() == to_hex(order.serial));
  CHECK(c.subject() ==
        "CN=Ada Lovelace,serialNumber=PNOLU-18151210,givenName=Ada,SN=Lovelace,C=LU");
  CHECK(c.subject() == x509::to_text(order.subject));
  CHECK(c.issuer() == "CN=TEST issuing,O=TEST Provider,C=LU");
  CHECK(c.is_signed_by(authority().issuing_key.public_key()));
}

TEST_CASE("objections refuse issuing before the key is asked") {
  test::SoftwareSigner key(KeyAlgorithm::ecdsa_p256);
  const Plan refused{{0x30, 0x00}, {"one", "two"}, key.public_key().sha256()};
  try {
    (void)x509::issue_certificate(refused, key);
    FAIL("issued");
  } catch (const Error& error) {
    CHECK(error.fault == Fault::policy_refused);
    CHECK(error.why == "one; two");
  }
  CHECK(key.asked == 0);
}

TEST_CASE("another key than the planned one is refused before it signs") {
  test::SoftwareSigner other(KeyAlgorithm::ecdsa_p256);
  CHECK_THROWS_AS(x509::issue_certificate(plan(good()), other), Error);
  CHECK(other.asked == 0);
}

TEST_CASE("serial numbers are 16 random octets, positive") {
  CHECK_THAT(objections([](Order& o) { o.serial = Bytes(16, 0x11); }),
             ContainsSubstring("not random"));
  CHECK_THAT(objections([](Order& o) { o.serial.resize(8); }), ContainsSubstring("16 octets"));
  CHECK_THAT(objections([](Order& o) { o.serial[0] = 0x80; }), ContainsSubstring("16 octets"));
  CHECK_THAT(objections([](Order& o) { o.serial[0] = 0; }), ContainsSubstring("16 octets"));
  for (int i = 0; i < 1000; ++i) {
    const Bytes serial = x509::random_serial();
    REQUIRE((serial.size() == 16 && serial[0] >= 0x40 && serial[0] < 0x80));
  }
}

TEST_CASE("the validity is judged against profile, issuer and clock") {
  CHECK_THAT(objections([](Order& o) { o.not_after = kNow + hours(24 * 366 * 3); }),
             ContainsSubstring("longer than the profile natural-person allows"));
  CHECK_THAT(objections([](Order& o) { o.not_after = o.not_before; }),
             ContainsSubstring("ends before it begins"));
  CHECK_THAT(objections([](Order& o) { o.not_before += minutes(6); }),
             ContainsSubstring("begins in the future"));
  CHECK_THAT(objections([](Order& o) { o.not_before -= hours(2); }),
             ContainsSubstring("more than an hour ago"));
  CHECK_THAT(objections([](Order& o) { o.not_before -= minutes(2); }),
             ContainsSubstring("not within the issuer's"));
  CHECK_THAT(objections([](Order& o) { o.not_after += milliseconds(1); }),
             ContainsSubstring("whole seconds"));
  CHECK_THAT(objections("tsa",
                        [](Order& o) {
                          o.profile.longest_lifetime = hours(24 * 365 * 20);
                          o.not_after = authority().issuing.not_after() + seconds(1);
                        }),
             ContainsSubstring("not within the issuer's"));
  CHECK_THAT(objections("short-lived",
                        [](Order& o) {
                          o.profile.longest_lifetime = hours(48);
                          o.not_after = kNow + hours(24) - seconds(1);
                        }),
             ContainsSubstring("less than 24 hours"));
}

TEST_CASE("weak and foreign keys are refused") {
  const auto rsa2048 = test::generate_rsa(2048);
  CHECK_THAT(objections([&](Order& o) { o.key = crypto::PublicKey::of(rsa2048.get()); }),
             ContainsSubstring("weak key") && ContainsSubstring("refused for new certificates"));
  const auto brainpool = test::generate_ec("brainpoolP256r1");
  CHECK_THAT(objections([&](Order& o) { o.key = crypto::PublicKey::of(brainpool.get()); }),
             ContainsSubstring("does not take"));
  CHECK_THAT(objections([](Order& o) { o.profile.algorithms = {"rsa-3072"}; }),
             ContainsSubstring("does not take ECDSA P-256 keys"));
  CHECK_THAT(objections([](Order& o) { o.key = authority().issuing_key.public_key(); }),
             ContainsSubstring("the issuer's own"));
}

TEST_CASE("the issuer must be a CA whose key signs") {
  test::Authority& a = authority();
  const Order order = good();
  const auto of = [&](const Certificate* issuer, const crypto::PublicKey& key) {
    std::string all;
    for (const auto& o : x509::plan_certificate(order, issuer, key, kNow).objections)
      all += o + "\n";
    return all;
  };
  CHECK_THAT(of(&a.issuing, a.root_key.public_key()), ContainsSubstring("not the issuer's"));
  CHECK_THAT(of(nullptr, a.root_key.public_key()), ContainsSubstring("only a root"));
  test::SoftwareSigner key(KeyAlgorithm::ecdsa_p256);
  Order end_entity = good("legal-person");
  end_entity.key = key.public_key();
  const Certificate leaf = a.issue(end_entity);
  CHECK_THAT(of(&leaf, key.public_key()), ContainsSubstring("no CA"));
  CHECK_THAT(objections("issuing", [](Order&) {}), ContainsSubstring("path length"));
  const Order late = good();
  CHECK_FALSE(x509::plan_certificate(late, &a.issuing, a.issuing_key.public_key(),
                                     a.issuing.not_after() + seconds(1))
                  .objections.empty());
}

TEST_CASE("a natural person has a country, a name or a pseudonym, never both") {
  CHECK_THAT(objections([](Order& o) { o.subject.country.clear(); }),
             ContainsSubstring("country is missing"));
  CHECK_THAT(objections([](Order& o) { o.subject.common_name.clear(); }),
             ContainsSubstring("common_name is missing"));
  CHECK_THAT(objections([](Order& o) { o.subject.pseudonym = "Enchantress"; }),
             ContainsSubstring("beside a real name"));
  CHECK_THAT(objections([](Order& o) { o.subject.given_name = o.subject.surname = ""; }),
             ContainsSubstring("pseudonym is missing"));
  CHECK(objections([](Order& o) {
          o.subject.given_name = o.subject.surname = "";
          o.subject.pseudonym = "Enchantress";
        }) == "");
  CHECK_THAT(objections([](Order& o) {
               o.profile.required_subject.push_back("serial_number");
               o.subject.serial_number.clear();
             }),
             ContainsSubstring("serial_number is missing"));
}

TEST_CASE("values that a name cannot have are refused") {
  const auto common_name = [](const std::string& value) {
    return objections([&](Order& o) { o.subject.common_name = value; });
  };
  CHECK_THAT(common_name(std::string(65, 'x')), ContainsSubstring("longer than 64"));
  CHECK(common_name(std::string(64, 'x')) == "");
  CHECK_THAT(common_name("a\nb"), ContainsSubstring("control characters"));
  CHECK_THAT(common_name(std::string("a\0b", 3)), ContainsSubstring("control characters"));
  CHECK_THAT(common_name("a\u202eb"), ContainsSubstring("control characters"));
  CHECK_THAT(common_name("a\xff"), ContainsSubstring("not UTF-8"));
  CHECK_THAT(common_name(" Ada"), ContainsSubstring("space"));
  CHECK_THAT(common_name("Аdа"), ContainsSubstring("mix Latin, Greek or Cyrillic"));
  for (const char* country : {"lu", "LUX", "L1"})
    CHECK_THAT(objections([&](Order& o) { o.subject.country = country; }),
               ContainsSubstring("two capital letters"));
  CHECK_THAT(objections([](Order& o) { o.subject.serial_number = "PNOLU-é"; }),
             ContainsSubstring("PrintableString"));
}

TEST_CASE("semantics identifiers have their form") {
  const auto serial = [](const std::string& value) {
    return objections([&](Order& o) { o.subject.serial_number = value; });
  };
  for (const char* sound : {"PNOSK-8001011234", "PASLU-X1", "TINDE-1", "EI:SE-200007292386"})
    CHECK(serial(sound) == "");
  for (const char* wrong : {"1234", "PNO-1234567", "PNOLU1234", "VATLU-1", "PNOlu-1", "PNOLU-"})
    CHECK_THAT(serial(wrong), ContainsSubstring("semantics identifier"));
  const auto organisation = [](const std::string& value) {
    return objections("legal-person", [&](Order& o) { o.subject.organization_id = value; });
  };
  for (const char* sound : {"VATDE-123456789", "NTRLU-B1", "LEIXG-529900T8BM49AURSDO55"})
    CHECK(organisation(sound) == "");
  for (const char* wrong : {"PNOLU-1234", "LEILU-529900T8BM49AURSDO55", "VATLU"})
    CHECK_THAT(organisation(wrong), ContainsSubstring("semantics identifier"));
}

TEST_CASE("a legal person is an organisation with another identifier than its name") {
  CHECK_THAT(objections("legal-person", [](Order& o) { o.subject.organization.clear(); }),
             ContainsSubstring("organization is missing"));
  CHECK_THAT(objections("legal-person", [](Order& o) { o.subject.organization_id.clear(); }),
             ContainsSubstring("organization_id is missing"));
  CHECK_THAT(objections("legal-person",
                        [](Order& o) { o.subject.organization = o.subject.organization_id; }),
             ContainsSubstring("the organization's name"));
  CHECK_THAT(objections("legal-person", [](Order& o) { o.subject.given_name = "Ada"; }),
             ContainsSubstring("no place"));
}

TEST_CASE("addresses stand where they were ordered and nowhere else") {
  const auto addressed = [](Order& o) {
    o.crl_url = "http://t.test/crl/issuing.crl";
    o.ocsp_url = "http://t.test/ocsp";
    o.issuer_url = "http://t.test/ca/issuing.cer";
  };
  const auto issued = [&](const std::string& profile) {
    Order order = good(profile);
    addressed(order);
    return authority().issue(order);
  };
  const Certificate person = issued("natural-person");
  CHECK(person.crl_urls() == std::vector<std::string>{"http://t.test/crl/issuing.crl"});
  CHECK(person.ocsp_urls() == std::vector<std::string>{"http://t.test/ocsp"});
  CHECK(person.issuer_urls() == std::vector<std::string>{"http://t.test/ca/issuing.cer"});
  CHECK_FALSE(person.needs_no_revocation_check());
  const Certificate responder = issued("ocsp");
  CHECK(responder.ocsp_urls().empty());
  CHECK(responder.has_extension("1.3.6.1.5.5.7.48.1.5"));
  const Certificate brief = issued("short-lived");
  CHECK(brief.crl_urls().empty());
  CHECK(brief.ocsp_urls().empty());
  CHECK(brief.has_extension("2.5.29.56"));
  CHECK(brief.has_extension("0.4.0.194121.2.1"));
  CHECK(objections([&](Order& o) {
          addressed(o);
          o.crl_url = "https://t.test/x.crl";
        }) == "the CRL address is neither http nor ldap (EN 319 412-2 4.3.11)\n");
  CHECK_THAT(objections([](Order& o) { o.ocsp_url = "file:///etc/passwd"; }),
             ContainsSubstring("not http"));
  CHECK_THAT(objections([](Order& o) { o.issuer_url = "http://a b"; }), ContainsSubstring("http"));
}

TEST_CASE("a time-stamping unit has its critical usage and the end of its key") {
  const Certificate tsu = authority().issue(good("tsa"));
  CHECK(tsu.private_key_usage_end() == kNow + hours(24 * 400));
  CHECK(tsu.has_extended_key_usage("1.3.6.1.5.5.7.3.8"));
  CHECK_THAT(objections("tsa", [](Order& o) { o.not_after = kNow + hours(24 * 300); }),
             ContainsSubstring("used longer than its certificate"));
  CHECK_THAT(objections("tsa", [](Order& o) { o.profile.extended_key_usage_critical = false; }),
             ContainsSubstring("alone, critical"));
}

TEST_CASE("more than a test TSP may claim is refused") {
  CHECK_THAT(objections([](Order& o) { o.profile.policies = {"0.4.0.194112.1.2"}; }),
             ContainsSubstring("claims what nothing declared here backs"));
  CHECK_THAT(objections([](Order& o) { o.profile.qc_statements = {"QcCompliance"}; }),
             ContainsSubstring("QcCompliance"));
  CHECK_THAT(objections([](Order& o) { o.policy_oid = "0.4.0.2042.1.1"; }),
             ContainsSubstring("no test policy"));
  CHECK_THAT(objections([](Order& o) { o.policy_oid = "2.25.x"; }), ContainsSubstring("no OID"));
}

TEST_CASE("an email address becomes an alternative name") {
  Order order = good();
  order.subject.email = "ada@example.test";
  const Certificate c = authority().issue(order);
  CHECK(c.has_extension("2.5.29.17"));
  CHECK(c.subject().find("ada@") == std::string::npos);
  for (const char* wrong : {"ada", "@x", "a@", "a@b@c", "a b@c", "ä@b"})
    CHECK_THAT(objections([&](Order& o) { o.subject.email = wrong; }),
               ContainsSubstring("email is no address"));
}
