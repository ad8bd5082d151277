// Answers that the OCSP responder gives again, and when it does not.
#include "ops/ocsp.h"

#include "ops/certificates.h"
#include "ops/crls.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/fixed_clock.h"
#include "support/template_home.h"

using namespace tsp;
using namespace std::chrono_literals;

namespace {

struct KeptResponder {
  test::Folder folder;
  ops::Home home = test::copy_template(folder.file("home"));
  test::FixedClock clock{SystemClock().now()};
  ops::Provider provider = open();
  x509::Certificate issuer = provider.certificate_of_role("issuing");
  ops::OcspResponder responder{provider};

  ops::Provider open() {
    return {home, {}, {clock, nullptr, nullptr, "uid:0", TSP_SOURCE_DIR "/config"}};
  }
  x509::Certificate of_alice() {
    for (const auto& each : ops::list_certificates(provider, "", 100).certificates)
      if (each.row.owner == test::kAlice) return each.certificate;
    throw std::runtime_error("alice has no certificate");
  }
  Bytes question(const x509::Certificate& about,
                 crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha1,
                 const std::optional<Bytes>& nonce = std::nullopt) {
    return x509::make_ocsp_request(about, issuer, nonce, hash);
  }
  x509::CertStatus status(ByteView answer, const x509::Certificate& about) {
    const auto parsed = x509::OcspResponse::from_der(answer);
    CHECK(parsed.authorised_responder(issuer));
    const auto single = parsed.find(about, issuer);
    REQUIRE(single);
    return single->status;
  }
};

}  // namespace

TEST_CASE_METHOD(KeptResponder, "the same question gets the same octets, by either hash") {
  const auto alice = of_alice();
  for (const auto hash : {crypto::HashAlgorithm::sha1, crypto::HashAlgorithm::sha256}) {
    const auto first = responder.answer(question(alice, hash));
    CHECK(status(first.der, alice) == x509::CertStatus::good);
    clock.advance(1h);
    CHECK(responder.answer(question(alice, hash)).der == first.der);
    REQUIRE(first.made);
    CHECK(*first.replaced - *first.made == 12h);
  }
  CHECK(responder.kept() == 2);
}

TEST_CASE_METHOD(KeptResponder,
                 "a nonce, several certificates and unknown ones are answered anew") {
  const auto alice = of_alice();
  const Bytes nonce = {1, 2, 3, 4, 5, 6, 7, 8};
  const auto first = responder.answer(question(alice, crypto::HashAlgorithm::sha1, nonce));
  CHECK(x509::OcspResponse::from_der(first.der).nonce() == nonce);
  CHECK_FALSE(first.made);
  const auto root = provider.certificate_of_role("root");
  const auto stranger = responder.answer(x509::make_ocsp_request(root, issuer, std::nullopt));
  CHECK(status(stranger.der, root) == x509::CertStatus::unknown);
  CHECK_FALSE(stranger.made);
  CHECK(responder.kept() == 0);
}

TEST_CASE_METHOD(KeptResponder, "a revocation over another connection is in the next answer") {
  const auto alice = of_alice();
  const auto tsa = provider.certificate_of_role("tsa");
  const Bytes before = responder.answer(question(tsa)).der;
  CHECK(status(responder.answer(question(alice)).der, alice) == x509::CertStatus::good);
  {
    const auto other = store::Database::open(home.database(), store::Database::Open::existing);
    store::Transaction transaction(*other);
    store::revoke_certificate(transaction, alice.serial(), clock.now(), "superseded");
    transaction.commit();
  }
  const auto told = responder.answer(question(alice));
  CHECK(status(told.der, alice) == x509::CertStatus::revoked);
  CHECK(told.made);
  CHECK(responder.answer(question(alice)).der == told.der);
  // What did not change is given again.
  CHECK(responder.answer(question(tsa)).der == before);
}

TEST_CASE_METHOD(KeptResponder,
                 "an answer is replaced at half its time, and never given before it") {
  const auto alice = of_alice();
  const Bytes first = responder.answer(question(alice)).der;
  clock.advance(12h - 1s);
  CHECK(responder.answer(question(alice)).der == first);
  clock.advance(2s);
  const Bytes second = responder.answer(question(alice)).der;
  CHECK(second != first);
  clock.advance(-1h);  // somebody corrects the clock
  CHECK(responder.answer(question(alice)).der != second);
}

TEST_CASE_METHOD(KeptResponder, "another responder certificate, another answer") {
  const auto alice = of_alice();
  const Bytes first = responder.answer(question(alice)).der;
  ops::renew_certificate(provider, "ocsp", false);
  const Bytes second = responder.answer(question(alice)).der;
  CHECK(second != first);
  CHECK(status(second, alice) == x509::CertStatus::good);
}

TEST_CASE_METHOD(KeptResponder, "what the CA issued before its renewal keeps its status") {
  const auto alice = of_alice();
  const auto tsa = provider.certificate_of_role("tsa");
  ops::revoke_certificate(provider, alice.serial(), "superseded", false);
  ops::renew_certificate(provider, "issuing", false);
  CHECK(status(responder.answer(question(alice)).der, alice) == x509::CertStatus::revoked);
  CHECK(status(responder.answer(question(tsa)).der, tsa) == x509::CertStatus::good);
  const auto crl = x509::Crl::from_der(ops::issue_crl(provider, "issuing").der);
  CHECK(crl.find(alice.serial()));
}

TEST_CASE_METHOD(KeptResponder, "no more answers are kept than there is room for") {
  ops::OcspResponder small(provider, 2);
  const auto alice = of_alice();
  const auto tsa = provider.certificate_of_role("tsa");
  const auto ocsp = provider.certificate_of_role("ocsp");
  const Bytes first = small.answer(question(alice)).der;
  small.answer(question(tsa));
  CHECK(small.answer(question(alice)).der == first);
  small.answer(question(ocsp));  // in the place of the one that was asked for longest ago
  CHECK(small.kept() == 2);
  CHECK(small.answer(question(alice)).der == first);
}

TEST_CASE_METHOD(KeptResponder, "what is no question is answered so") {
  const Bytes whole = question(of_alice());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto answer = responder.answer(ByteView(whole).first(size));
    CHECK_FALSE(answer.understood);
    CHECK(answer.der == x509::ocsp_error_response(ops::kOcspMalformed));
  }
  const auto other = responder.answer(
      x509::make_ocsp_request(issuer, provider.certificate_of_role("root"), std::nullopt));
  CHECK(other.understood);
  CHECK(other.der == x509::ocsp_error_response(ops::kOcspUnauthorized));
  CHECK(responder.kept() == 0);
}
