// A compromised key, where two do something with it at once.
#include "ops/compromise.h"
#include "ops/certificates.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/template_home.h"

using namespace tsp;

namespace {

const std::string kConfig = TSP_SOURCE_DIR "/config";

struct CompromisedKey {
  test::Folder folder;
  SystemClock clock;
  ops::Provider provider{
      test::copy_template(folder.file("home")), {}, {clock, nullptr, nullptr, "uid:0", kConfig}};
  store::CertificateRow alice = of_alice();

  store::CertificateRow of_alice() {
    for (const auto& each : ops::list_certificates(provider, "", 1000).certificates)
      if (each.row.owner == test::kAlice) return each.row;
    throw std::runtime_error("alice has no certificate");
  }

  // Another of the same public key, by another name of it.
  std::string add(const std::string& serial, const std::string& state, const Bytes& der) {
    store::CertificateRow row = alice;
    row.serial = serial;
    row.key = "elsewhere";
    row.state = state;
    row.der = der;
    store::Transaction transaction(provider.database());
    store::insert_certificate(transaction, row);
    transaction.commit();
    return serial;
  }
  store::CertificateRow row(const std::string& serial) {
    return store::find_certificate(provider.database(), serial).value();
  }
};

}  // namespace

TEST_CASE_METHOD(CompromisedKey, "a certificate that is being signed finds no place any more") {
  const std::string reserved = add("7f01", "reserved", {});
  const auto receipt = ops::revoke_certificate(provider, alice.serial, "keyCompromise", false);
  CHECK(receipt.also_revoked.empty());
  CHECK(row(reserved).state == "abandoned");
  store::Transaction transaction(provider.database());
  CHECK_THROWS_AS(store::complete_certificate(transaction, reserved, alice.der), Error);
}

TEST_CASE_METHOD(CompromisedKey, "the public key counts, not its name") {
  const std::string other = add("7f02", "valid", alice.der);
  const std::string external = add("7f03", "external", alice.der);
  const auto receipt = ops::revoke_certificate(provider, alice.serial, "keyCompromise", false);
  CHECK(receipt.also_revoked == std::vector<std::string>{other, external});
  for (const auto& serial : {other, external}) CHECK(row(serial).reason == "keyCompromise");
  CHECK(ops::compromised_certificate(provider, alice.spki));
}

TEST_CASE_METHOD(CompromisedKey, "another reason leaves the other certificates as they are") {
  const std::string other = add("7f04", "valid", alice.der);
  CHECK(ops::revoke_certificate(provider, alice.serial, "superseded", false).also_revoked.empty());
  CHECK(row(other).state == "valid");
  CHECK_FALSE(ops::compromised_certificate(provider, alice.spki));
  CHECK_NOTHROW(ops::expect_not_compromised(provider, alice.spki));
}

TEST_CASE_METHOD(CompromisedKey, "what was found meanwhile stops before the commit") {
  ops::revoke_certificate(provider, alice.serial, "keyCompromise", false);
  try {
    ops::expect_not_compromised(provider, alice.spki);
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.fault == Fault::busy);
  }
}
