#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>

#include "authority.h"
#include "base/error.h"
#include "support/catch.h"
#include "support/command.h"

using namespace tsp;
using namespace std::chrono;
using crypto::KeyAlgorithm;
using x509::Crl;
using x509::CrlOrder;

namespace {

test::Authority& crl_authority() {
  static test::Authority made(KeyAlgorithm::ecdsa_p256);
  return made;
}

CrlOrder order_at(Time now, std::vector<x509::RevokedEntry> entries = {}) {
  return {7, now, now + hours(72), std::move(entries), true};
}

Bytes crl_of_issuing(const CrlOrder& order) {
  return x509::issue_crl(order, crl_authority().issuing, crl_authority().issuing_key);
}

std::string refusal(const CrlOrder& order) {
  try {
    (void)crl_of_issuing(order);
    return "issued";
  } catch (const Error& error) {
    CHECK(error.fault == Fault::policy_refused);
    return error.why;
  }
}

void ask_all_of_crl(ByteView der) {
  try {
    const Crl crl = Crl::from_der(der);
    (void)crl.issuer();
    (void)crl.issuer_der();
    (void)crl.this_update();
    (void)crl.next_update();
    (void)crl.number();
    (void)crl.expired_certs_since();
    (void)crl.size();
    (void)crl.is_signed_by(crl_authority().issuing);
    (void)crl.find("0badcafe");
  } catch (const Error&) {
  }
}

std::string pem_of_crl(const Bytes& crl) {
  return "-----BEGIN X509 CRL-----\n" + to_base64(crl) + "\n-----END X509 CRL-----\n";
}

}  // namespace

TEST_CASE("a CRL holds what was ordered") {
  const Time now = crl_authority().now;
  const Crl crl = Crl::from_der(crl_of_issuing(
      order_at(now, {{"0badcafe", now - hours(1), "keyCompromise"}, {"1234", now, ""}})));
  CHECK(crl.issuer() == crl_authority().issuing.subject());
  CHECK(crl.issuer_der() == crl_authority().issuing.subject_der());
  CHECK(crl.this_update() == now);
  CHECK(crl.next_update() == now + hours(72));
  CHECK(crl.number() == 7);
  CHECK(crl.expired_certs_since() == crl_authority().issuing.not_before());
  CHECK(crl.size() == 2);
  CHECK(crl.is_signed_by(crl_authority().issuing));
  CHECK_FALSE(crl.is_signed_by(crl_authority().root));
  const auto found = crl.find("badcafe");
  REQUIRE(found);
  CHECK(found->serial == "0badcafe");
  CHECK(found->revoked_at == now - hours(1));
  CHECK(found->reason == "keyCompromise");
  CHECK(crl.find("1234")->reason.empty());
  CHECK_FALSE(crl.find("1235"));
  CHECK_FALSE(crl.find("not hex"));
  CHECK_FALSE(crl.find(""));
}

TEST_CASE("a CRL without entries has no list of them") {
  const Crl crl = Crl::from_der(crl_of_issuing(order_at(crl_authority().now)));
  CHECK(crl.size() == 0);
  CHECK_FALSE(crl.find("01"));
}

TEST_CASE("the last CRL has the nextUpdate of RFC 5280") {
  CrlOrder order = order_at(crl_authority().now);
  order.next_update = *from_generalized_time("99991231235959Z");
  CHECK(Crl::from_der(crl_of_issuing(order)).next_update() == order.next_update);
}

TEST_CASE("ExpiredCertsOnCRL is left out when it is not ordered") {
  CrlOrder order = order_at(crl_authority().now);
  order.expired_certs_on_crl = false;
  CHECK_FALSE(Crl::from_der(crl_of_issuing(order)).expired_certs_since());
}

TEST_CASE("a CRL that should not be is refused") {
  const Time now = crl_authority().now;
  CHECK_THAT(refusal(order_at(now, {{"01", now, ""}, {"0001", now, ""}})),
             ContainsSubstring("twice"));
  CHECK_THAT(refusal(order_at(now, {{"xy", now, ""}})), ContainsSubstring("no serial number"));
  CHECK_THAT(refusal(order_at(now, {{"01", now, "certificateHold"}})),
             ContainsSubstring("no reason"));
  CrlOrder backwards = order_at(now);
  backwards.next_update = now;
  CHECK_THAT(refusal(backwards), ContainsSubstring("nextUpdate"));
  CHECK_THROWS_AS(x509::issue_crl(order_at(now), crl_authority().issuing, crl_authority().root_key),
                  Error);
}

TEST_CASE("openssl checks whole chains against our CRLs, and finds who is revoked") {
  for (KeyAlgorithm algorithm :
       {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384, KeyAlgorithm::rsa_3072}) {
    test::Authority a(algorithm);
    const auto leaf = [&] {
      test::SoftwareSigner key(KeyAlgorithm::ecdsa_p256);
      return a.issue(
          test::order_for(test::profile("natural-person"), test::ada(), key.public_key(), a.now));
    };
    const auto good = leaf(), revoked = leaf();
    const Bytes root_crl = x509::issue_crl(order_at(a.now), a.root, a.root_key);
    const Bytes issuing_crl = x509::issue_crl(
        order_at(a.now, {{revoked.serial(), a.now, "superseded"}}), a.issuing, a.issuing_key);
    const test::Folder folder;
    const std::string common = fmt::format(
        "openssl verify -x509_strict -crl_check_all -trusted {} -untrusted {} -CRLfile {} ",
        folder.put("root.pem", a.root.pem()), folder.put("issuing.pem", a.issuing.pem()),
        folder.put("crls.pem", pem_of_crl(root_crl) + pem_of_crl(issuing_crl)));
    const auto sound = test::run(common + folder.put("good.pem", good.pem()));
    INFO(crypto::name_of(algorithm) << ": " << sound.output);
    CHECK(sound.status == 0);
    const auto bad = test::run(common + folder.put("revoked.pem", revoked.pem()));
    CHECK(bad.status != 0);
    CHECK_THAT(bad.output, ContainsSubstring("certificate revoked"));
  }
}

TEST_CASE("a hundred thousand entries are found quickly") {
  const Time now = crl_authority().now;
  std::vector<x509::RevokedEntry> entries;
  for (int i = 0; i < 100'000; ++i) entries.push_back({to_hex(x509::random_serial()), now, ""});
  const Crl crl = Crl::from_der(crl_of_issuing(order_at(now, entries)));
  CHECK(crl.size() == entries.size());
  const auto begin = steady_clock::now();
  for (int i = 0; i < 100'000; i += 10) {
    const auto& serial = entries[static_cast<std::size_t>(i)].serial;
    REQUIRE(crl.find(serial)->serial == serial);
  }
  // Searching one by one would take minutes.
  CHECK(steady_clock::now() - begin < seconds(20));
}

TEST_CASE("damaged CRLs are refused or read, nothing else") {
  const Time now = crl_authority().now;
  const Bytes der = crl_of_issuing(order_at(now, {{"0badcafe", now, "superseded"}}));
  for (std::size_t size = 0; size < der.size(); ++size)
    CHECK_THROWS_AS(Crl::from_der(ByteView(der).first(size)), Error);
  Bytes longer = der;
  longer.push_back(0);
  CHECK_THROWS_AS(Crl::from_der(longer), Error);
  for (std::size_t at = 0; at < der.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes damaged = der;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ (1u << bit));
      ask_all_of_crl(damaged);
    }
  }
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    Bytes damaged = der;
    for (int i = 0; i < 4; ++i)
      damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
    ask_all_of_crl(damaged);
  }
}

TEST_CASE("the CRLs of NIST PKITS are read") {
  const std::string folder = std::string(TSP_SOURCE_DIR) + "/../shared/data/pkits/crls";
  if (!std::filesystem::exists(folder)) {
    WARN("skipped: the PKITS data is not here");
    return;
  }
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const Bytes der{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    INFO(entry.path().string());
    REQUIRE_NOTHROW(Crl::from_der(der));
    ++count;
  }
  CHECK(count > 100);
}
