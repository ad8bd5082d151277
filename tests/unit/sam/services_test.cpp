// Authentication and signing as two services: factors become an assertion, an assertion one
// approval.
#include <thread>

#include "activation_fixture.h"
#include "sam/assertion.h"
#include "support/software_signer.h"

using namespace tsp;
using namespace tsp::sam;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

constexpr const char* kAuth = "auth.example/1";
constexpr const char* kSign = "sign.example/1";

// Both on one store, as nothing but the assertion crosses between them.
struct Services : Tsp {
  std::unique_ptr<crypto::Signer> module_key =
      session->generate_signer(kModuleKey, crypto::KeyAlgorithm::ecdsa_p256);
  Manifest one = documents({"a.pdf"});
  Policy signing = policy;
  std::string audience = kSign;
  bool audience_known = true;

  Services() {
    policy.keys_elsewhere = true;
    auto accepted = std::make_shared<AcceptedAssertions>();
    accepted->audience = kSign;
    accepted->issuers.emplace(kAuth, certificate_of(module_key->public_key()));
    signing.accepted = accepted;
  }
  x509::Certificate certificate_of(const crypto::PublicKey& public_key) {
    EVP_PKEY_up_ref(public_key.get());
    const auto holder =
        std::make_shared<test::SoftwareSigner>(crypto::EvpPkeyPtr(public_key.get()));
    return test::Holder({"SAM"}, authority, holder).certificate();
  }
  Asserter asserter() { return {kAuth, audience, audience_known, 120s, module_key.get()}; }
  Bytes asserted(const Manifest& manifest, const Presented& factors,
                 const Caller& caller = kStaff) {
    return module().attest(caller, "alice", key, manifest, factors, asserter()).assertion;
  }
  Bytes asserted() { return asserted(one, presented(kPin, code())); }
  SignatureActivationModule signing_module() { return {*database, clock, session, signing}; }
  Approval authorize_by(ByteView assertion, const Manifest& manifest) {
    return signing_module().authorize_by(kOutsider, "alice", key, manifest, assertion);
  }
  std::string refused(ByteView assertion, const Manifest& manifest) {
    return refusal_of([&] { authorize_by(assertion, manifest); });
  }
  std::string refused(ByteView assertion) { return refused(assertion, one); }
  // One that says something else, signed by this service's own key.
  Bytes forged(const std::function<void(Assertion&)>& change) {
    Assertion said = decode_assertion(asserted()).assertion;
    next_code();
    said.issued_at = clock.now();
    said.expires_at = clock.now() + 120s;
    change(said);
    return sign_assertion(said, *module_key);
  }
};

}  // namespace

TEST_CASE_METHOD(Services,
                 "factors give an assertion, the assertion an approval, that a signature") {
  const std::int64_t before = audit::size(*database);
  const Asserted given =
      module().attest(kOutsider, "alice", key, one, presented(kPin, code()), asserter());
  const Approval approval = authorize_by(given.assertion, one);
  const auto signatures = signing_module().sign(kOutsider, approval, one);
  REQUIRE(signatures.size() == 1);
  CHECK_FALSE(signatures[0].error);
  CHECK(log(before) ==
        Lines{"assertion.issue done", "sign.authorize done", "sign intent", "sign done"});
  const Assertion said = decode_assertion(given.assertion).assertion;
  CHECK(said.signer == "alice");
  CHECK(said.credential == key);
  CHECK(said.manifest_sha256 == manifest_hash(one));
  CHECK(said.expires_at == clock.now() + 120s);
  const Json issued = audit::find(*database, given.audit_seq)->event.details;
  const Json taken = audit::find(*database, approval.audit_seq)->event.details;
  CHECK(issued.at("assertion") == to_hex(said.id));
  CHECK(issued.at("audience") == kSign);
  CHECK(issued.at("factors") == "pin+totp");
  CHECK(taken.at("assertion") == to_hex(said.id));
  CHECK(taken.at("issuer") == kAuth);
  CHECK(taken.at("factors") == "pin+totp");
}

TEST_CASE_METHOD(Services, "an assertion gives one approval, also after a restart") {
  const Bytes assertion = asserted();
  authorize_by(assertion, one);
  CHECK(refused(assertion) == "already-exists assertion-used");
  database = store::Database::open(path, store::Database::Open::existing);
  CHECK(refused(assertion) == "already-exists assertion-used");
  // A clock that is put back opens no second use.
  clock.advance(1h);
  CHECK(refused(assertion) == "policy-refused assertion-expired");
  next_code();
  authorize_by(asserted(), one);  // which takes old rows out
  clock.advance(-1h - 30s);
  CHECK(refused(assertion) == "already-exists assertion-used");
}

TEST_CASE_METHOD(Services, "of 64 who race one assertion one gets an approval") {
  const Bytes assertion = asserted();
  std::atomic<int> done = 0, used = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i)
    threads.emplace_back([&] {
      const auto connection = store::Database::open(path, store::Database::Open::existing);
      SignatureActivationModule own(*connection, clock, session, signing);
      try {
        const Approval approval = own.authorize_by(kOutsider, "alice", key, one, assertion);
        if (!own.sign(kOutsider, approval, one).at(0).error) ++done;
      } catch (const Error& error) {
        if (error.fault == Fault::already_exists) ++used;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(done == 1);
  CHECK(used == 63);
}

TEST_CASE_METHOD(Services,
                 "assertions that are none, or nobody's, are refused, each with its reason") {
  const Bytes good = asserted();
  next_code();
  Bytes other = good;
  other.back() ^= 1;
  const std::string altered = refused(other);
  CHECK((altered == "factor-refused assertion-signature" ||
         altered == "bad-input assertion-malformed"));
  other = good;
  other[16] ^= 1;  // its id
  CHECK(refused(other) == "factor-refused assertion-signature");
  CHECK(refused(Bytes()) == "bad-input assertion-malformed");
  CHECK(refused(Bytes(4096, 0xff)) == "bad-input assertion-malformed");
  CHECK(refused(forged([](auto& a) { a.issuer = "auth.example/2"; })) ==
        "not-permitted assertion-issuer");
  test::SoftwareSigner stranger(crypto::KeyAlgorithm::ecdsa_p256);
  CHECK(refused(sign_assertion(decode_assertion(good).assertion, stranger)) ==
        "factor-refused assertion-signature");
  authorize_by(good, one);  // none of them used it up
}

TEST_CASE_METHOD(Services, "assertions for something else are refused, each with its reason") {
  CHECK(refused(forged([](auto& a) { a.audience = "sign.example/2"; })) ==
        "policy-refused assertion-audience");
  CHECK(refused(forged([](auto& a) { a.signer = "bob"; })) == "policy-refused assertion-signer");
  CHECK(refused(forged([](auto& a) { a.credential = "k2"; })) == "policy-refused assertion-signer");
  CHECK(refused(forged([](auto& a) { a.manifest_sha256[0] ^= 1; })) ==
        "policy-refused assertion-manifest");
  CHECK(refused(forged([](auto& a) { a.count = 2; })) == "policy-refused assertion-manifest");
  const Bytes good = asserted();
  CHECK(refused(good, documents({"b.pdf"})) == "policy-refused assertion-manifest");
  authorize_by(good, one);
}

TEST_CASE_METHOD(Services, "an assertion is good from 30 s before its time to its end") {
  const auto moved = [&](std::chrono::milliseconds by) {
    return forged([&](auto& a) { a.issued_at += by, a.expires_at += by; });
  };
  CHECK(refused(moved(30s + 1ms)) == "policy-refused assertion-early");
  authorize_by(moved(30s), one);
  CHECK(refused(moved(-120s)) == "policy-refused assertion-expired");
  authorize_by(moved(-120s + 1ms), one);
}

TEST_CASE_METHOD(Services, "an assertion counts as long as its issuer's certificate is valid") {
  const auto& certificate = signing.accepted->issuers.at(kAuth);
  const Bytes good = forged([&](auto& a) {
    a.issued_at = certificate.not_after() + 1s;
    a.expires_at = a.issued_at + 60s;
  });
  clock.advance(certificate.not_after() + 2s - clock.now());
  CHECK(refused(good) == "not-permitted assertion-certificate");
}

TEST_CASE_METHOD(Services, "factors that the group's policy does not ask for are not enough") {
  const Bytes good = asserted();
  tamper("UPDATE groups SET factors_scal1 = 'pin+ocra|pin+device' WHERE name = 'default'");
  CHECK(refused(good) == "policy-refused assertion-factors");
}

TEST_CASE_METHOD(Services, "whom the signing service suspended signs by no assertion") {
  const Bytes good = asserted();
  tamper("UPDATE users SET state = 'suspended' WHERE name = 'alice'");
  CHECK(refused(good) == "policy-refused signer-suspended");
  tamper("UPDATE users SET state = 'active' WHERE name = 'alice'");
  CHECK(refused(good) == "already-exists assertion-used");
}

TEST_CASE_METHOD(Services, "a SCAL 2 key is never opened by an assertion") {
  store::KeyRow row = store::find_key(*database, key).value();
  tamper("UPDATE keys SET scal = 2 WHERE id = '" + key + "'");
  row.scal = 2;
  const Bytes mac = link_mac(*session, row);
  tamper("UPDATE keys SET link_mac = x'" + to_hex(mac) + "' WHERE id = '" + key + "'");
  CHECK(refused(asserted()) == "policy-refused assertion-scal");
}

TEST_CASE_METHOD(
    Services,
    "where assertions are taken factors of SCAL 1 are not, and else the other way round") {
  const std::int64_t tries = store::attempts_of(*database, "alice");
  for (const Caller& caller : {kStaff, kOutsider})
    CHECK(refusal_of([&] {
            signing_module().authorize(caller, "alice", key, one, presented(kPin, code()));
          }) == "policy-refused assertion-needed");
  CHECK(refusal_of([&] {
          signing_module().authorize(kOutsider, "nobody", key, one, presented(kPin, code()));
        }) == "policy-refused assertion-needed");
  CHECK(store::attempts_of(*database, "alice") == tries);
  const Bytes good = asserted();
  CHECK(refusal_of([&] { module().authorize_by(kStaff, "alice", key, one, good); }) ==
        "not-permitted assertion-not-accepted");
}

TEST_CASE_METHOD(Services, "wrong factors give no assertion, and the fifth wrong try locks") {
  for (int tries = 1; tries < 5; ++tries)
    CHECK(refusal_of([&] { asserted(one, presented("000000", code())); }) ==
          "factor-refused factor-refused");
  CHECK(refusal_of([&] { asserted(one, presented("000000", code())); }) ==
        "locked-out factor-refused");
  CHECK(refusal_of([&] { asserted(); }) == "locked-out locked");
}

TEST_CASE_METHOD(Services, "a code gives one assertion") {
  const std::string once = code();
  asserted(one, presented(kPin, once));
  CHECK(refusal_of([&] { asserted(one, presented(kPin, once)); }) ==
        "factor-refused factor-refused");
}

TEST_CASE_METHOD(Services,
                 "who waits for what: a suspended signer, an unknown service, too many documents") {
  audience_known = false;
  CHECK(refusal_of([&] { asserted(); }) == "policy-refused audience-unknown");
  audience_known = true;
  CHECK(refusal_of([&] {
          module().attest(kStaff, "alice", "no key\n", one, presented(kPin, code()), asserter());
        }) == "not-found key-unknown");
  policy.most_documents = 1;
  CHECK(refusal_of([&] {
          asserted(documents({"a.pdf", "b.pdf"}), presented(kPin, code()));
        }) == "policy-refused manifest-too-long");
  tamper("UPDATE users SET state = 'suspended' WHERE name = 'alice'");
  CHECK(refusal_of([&] { asserted(); }) == "policy-refused signer-suspended");
  // A caller who is not staff learns it from right factors alone.
  CHECK(refusal_of([&] { asserted(one, presented("000000", code()), kOutsider); }) ==
        "factor-refused factor-refused");
}

TEST_CASE_METHOD(Services, "a name that nobody has looks like a wrong PIN") {
  CHECK(refusal_of([&] {
          module().attest(kOutsider, "nobody", key, one, presented(kPin, code()), asserter());
        }) == "factor-refused factor-refused");
}

TEST_CASE_METHOD(Services, "an authentication service asks for keys that it does not have") {
  const Asked asked = module().ask(kStaff, "alice", "elsewhere", &one, AnswerKey::with_caller);
  CHECK(asked.request.credential == "elsewhere");
  CHECK(asked.request.certificate_serial.empty());
  policy.keys_elsewhere = false;
  CHECK(refusal_of([&] {
          module().ask(kStaff, "alice", "elsewhere", &one, AnswerKey::with_caller);
        }) == "not-found key-unknown");
}
