// Promise 3 and 7: evidence before and after the HSM, and revocation at once.
#include "changing_clock.h"

using namespace tsp;
using namespace tsp::sam;
using namespace std::chrono_literals;

namespace {

struct Signing : Tsp {
  Manifest two = documents({"a.pdf", "b.pdf"});
  Approval approval = authorize(two);
  std::int64_t before = audit::size(*database);

  Bytes id() { return crypto::sha256(approval.secret.view()); }
  bool is_void() { return !store::find_approval(*database, id()); }
  Manifest only(std::size_t entry) { return {two.hash, {two.entries[entry]}}; }
  std::string refused(const Manifest& manifest) {
    const auto outcome = refusal_of([&] { sign(approval, manifest); });
    CHECK(log(before) == std::vector<std::string>{"sign refused"});
    return outcome;
  }
};

}  // namespace

TEST_CASE_METHOD(Signing, "each signature verifies with the certificate's key") {
  const auto signatures = sign(approval, two);
  check_signed(two, signatures);
}

TEST_CASE_METHOD(Tsp, "an RSA key signs documents by PSS") {
  key = add_key("alice", crypto::KeyAlgorithm::rsa_3072);
  serial = certify(key, "alice").serial;
  const Manifest manifest = documents({"a.pdf"});
  const auto signature = sign(authorize(manifest), manifest).at(0);
  REQUIRE_FALSE(signature.error);
  CHECK(certificate().public_key().verify(crypto::Scheme::rsa_pss, manifest.hash, signature.dtbs,
                                          signature.value));
}

TEST_CASE_METHOD(Signing, "all intents are on record before all results, which name them") {
  const auto signatures = sign(approval, two);
  CHECK(log(before) ==
        std::vector<std::string>{"sign intent", "sign intent", "sign done", "sign done"});
  for (std::size_t at = 0; at < 2; ++at) {
    const auto intent = audit::find(*database, before + static_cast<std::int64_t>(at)).value();
    const auto result = audit::find(*database, signatures[at].audit_seq).value();
    const Json& details = result.event.details;
    CHECK(details.at("intent") == intent.seq);
    CHECK(details.at("dtbs_sha256") == to_hex(signatures[at].dtbs));
    CHECK(details.at("signature_sha256") == to_hex(crypto::sha256(signatures[at].value)));
    CHECK(details.at("key") == key);
    CHECK(details.at("certificate") == serial);
    CHECK(details.at("document") == two.entries[at].name);
    CHECK(details.at("file_sha256") == to_hex(two.entries[at].file_sha256));
    CHECK(intent.event.details.at("dtbs_sha256") == details.at("dtbs_sha256"));
    CHECK_FALSE(intent.event.details.contains("signature_sha256"));
  }
  CHECK(store::open_intents(*database).empty());
}

TEST_CASE_METHOD(Signing, "a used-up approval is gone and a replay refused") {
  sign(approval, two);
  CHECK(is_void());
  before = audit::size(*database);
  CHECK(refused(two) == "policy-refused approval-unknown");
}

TEST_CASE_METHOD(Signing, "some documents may be signed now and the others later") {
  sign(approval, only(0));
  CHECK_FALSE(is_void());
  sign(approval, only(1));
  CHECK(is_void());
}

TEST_CASE_METHOD(Signing, "one entry a second time is refused and voids the approval") {
  sign(approval, only(0));
  before = audit::size(*database);
  CHECK(refused(two) == "policy-refused hash-not-approved");
  CHECK(is_void());
}

TEST_CASE_METHOD(Signing,
                 "a document that was not approved voids the approval, nothing is signed") {
  CHECK(refused(documents({"a.pdf", "c.pdf"})) == "policy-refused hash-not-approved");
  CHECK(is_void());
  CHECK(store::open_intents(*database).empty());
}

TEST_CASE_METHOD(Signing, "an approved document under another name is not the approved one") {
  two.entries[0].name = "harmless.pdf";
  CHECK(refused(two) == "policy-refused hash-not-approved");
}

TEST_CASE_METHOD(Signing, "an invented approval is refused") {
  approval.secret = Secret::random(32);
  CHECK(refused(two) == "policy-refused approval-unknown");
}

TEST_CASE_METHOD(Signing, "an approval ends on the millisecond") {
  clock.set(approval.expires_at - 1ms);
  CHECK_FALSE(sign(approval, only(0)).at(0).error);
  clock.set(approval.expires_at);
  before = audit::size(*database);
  CHECK(refused(only(1)) == "policy-refused approval-expired");
  CHECK(is_void());
}

TEST_CASE_METHOD(Signing, "a clock that stepped back prolongs no approval") {
  clock.advance(-1h);
  CHECK(refused(two) == "policy-refused clock-stepped-back");
}

TEST_CASE_METHOD(Signing, "a signer suspended after approving signs nothing") {
  commit([](store::Transaction& t) { store::set_user_state(t, "alice", "suspended"); });
  CHECK(refused(two) == "policy-refused signer-suspended");
  commit([](store::Transaction& t) { store::set_user_state(t, "alice", "active"); });
  before = audit::size(*database);
  CHECK(refused(two) == "policy-refused approval-unknown");
}

TEST_CASE_METHOD(Signing, "a certificate revoked after approving signs nothing") {
  commit([&](store::Transaction& t) {
    store::revoke_certificate(t, serial, clock.now(), "keyCompromise");
  });
  CHECK(refused(two) == "policy-refused certificate-revoked");
}

TEST_CASE_METHOD(Signing, "everything is checked again in the transaction of the intents") {
  const std::string of_key = " WHERE id = '" + key + "'";
  const std::pair<std::string, std::string> changes[] = {
      {"UPDATE users SET state = 'suspended' WHERE name = 'alice'", "signer-suspended"},
      {"UPDATE keys SET blob = x'00'" + of_key, "key-not-active"},
      {"UPDATE certificates SET state = 'revoked', revoked_at = 1 WHERE serial = '" + serial + "'",
       "certificate-revoked"},
      {"UPDATE approvals SET expires_at = 1", "approval-expired"},
      {"DELETE FROM approvals", "approval-unknown"},
  };
  const Bytes blob = store::find_key(*database, key)->blob;
  for (const auto& [sql, reason] : changes) {
    tamper("UPDATE users SET state = 'active'");
    tamper("UPDATE certificates SET state = 'valid', revoked_at = NULL");
    database->prepare("UPDATE keys SET blob = ?" + of_key).bind(blob).run();
    next_code();
    const Approval fresh = authorize(two);
    const auto size = audit::size(*database);
    const ChangingClock changing(*this, sql);
    SignatureActivationModule module(*database, changing, session, policy);
    bool called = false;
    const auto outcome =
        refusal_of([&] { module.sign(kStaff, fresh, two, [&](std::size_t) { called = true; }); });
    INFO(sql);
    CHECK(outcome == "policy-refused " + reason);
    CHECK_FALSE(called);
    CHECK(log(size) == std::vector<std::string>{"sign refused"});
  }
}

TEST_CASE_METHOD(Signing, "a blob swapped after approving signs nothing") {
  const std::string other = add_key("alice");
  const auto row = store::find_key(*database, other).value();
  database->prepare("UPDATE keys SET blob = ? WHERE id = ?").bind(row.blob).bind(key).run();
  CHECK(refused(two) == "tampered key-link");
}

TEST_CASE_METHOD(Signing, "without the wrapping key every document fails, on record") {
  session->destroy_key(kMasterKey);
  const auto signatures = sign(approval, two);
  for (const Signature& signature : signatures) {
    CHECK(signature.error);
    CHECK(signature.value.empty());
  }
  CHECK(log(before) ==
        std::vector<std::string>{"sign intent", "sign intent", "sign failed", "sign failed"});
  CHECK(store::open_intents(*database).empty());
}

TEST_CASE_METHOD(Signing, "what the progress throws leaves the rest unsigned, on record") {
  const auto signatures = module().sign(
      kStaff, approval, two, [](std::size_t) { throw Error(Fault::interrupted, "stopped"); });
  CHECK_FALSE(signatures[0].error);
  REQUIRE(signatures[1].error);
  CHECK(signatures[1].error->fault == Fault::interrupted);
  CHECK(log(before).back() == "sign failed");
}

TEST_CASE_METHOD(Signing, "where the intent cannot be written the HSM is not called") {
  bool called = false;
  database->prepare("PRAGMA query_only = 1").run();
  const Error error =
      error_in([&] { module().sign(kStaff, approval, two, [&](std::size_t) { called = true; }); });
  database->prepare("PRAGMA query_only = 0").run();
  CHECK(error.fault == Fault::audit_before_signing);
  CHECK_FALSE(called);
  CHECK(audit::size(*database) == before);
  CHECK_FALSE(sign(approval, two).at(0).error);  // nothing was consumed
}

TEST_CASE_METHOD(Signing, "where the result cannot be written the intents stay open") {
  const Error error = error_in([&] {
    module().sign(kStaff, approval, two, [&](std::size_t done) {
      if (done == 2) database->prepare("PRAGMA query_only = 1").run();
    });
  });
  database->prepare("PRAGMA query_only = 0").run();
  CHECK(error.fault == Fault::audit_after_signing);
  CHECK(error.audit_seq == static_cast<std::uint64_t>(before));
  CHECK(store::open_intents(*database).size() == 2);
  CHECK(log(before) == std::vector<std::string>{"sign intent", "sign intent"});
  before = audit::size(*database);
  CHECK(refused(two) == "policy-refused hash-not-approved");  // a crash never un-consumes
}

TEST_CASE_METHOD(Signing, "a use of the key is told of once a batch, in the results' transaction") {
  std::vector<std::string> told;
  policy.tell = [&](store::Transaction& transaction, const KeyUse& use) {
    for (const ManifestEntry& entry : use.signed_documents.entries)
      told.push_back(use.signer + " " + use.key + " " + entry.name);
    CHECK(log(before).back() == "sign done");  // in this transaction, not durable yet
    store::insert_notice(transaction,
                         {0, use.signer, "a@b.c", "s", "b", clock.now(), 0, clock.now()});
  };
  CHECK_FALSE(sign(approval, two).at(0).error);
  CHECK(told == std::vector<std::string>{"alice " + key + " a.pdf", "alice " + key + " b.pdf"});
  CHECK(store::waiting_notices(*database) == 1);
}

TEST_CASE_METHOD(Signing, "where the notice cannot be written no signature is delivered") {
  policy.tell = [](store::Transaction&, const KeyUse&) { throw Error(Fault::failed, "no room"); };
  CHECK(error_in([&] { sign(approval, two); }).fault == Fault::audit_after_signing);
  CHECK(log(before) == std::vector<std::string>{"sign intent", "sign intent"});
  CHECK(store::waiting_notices(*database) == 0);
}

TEST_CASE_METHOD(Signing, "documents that were not signed are not told of") {
  std::size_t told = 0;
  policy.tell = [&](store::Transaction&, const KeyUse& use) {
    told += use.signed_documents.entries.size();
  };
  module().sign(kStaff, approval, two,
                [](std::size_t) { throw Error(Fault::interrupted, "stopped"); });
  CHECK(told == 1);
}

TEST_CASE_METHOD(Signing, "a bare digest is signed as it is and recorded as unknown content") {
  next_code();
  const Manifest bare{crypto::HashAlgorithm::sha256, {{"", {}, Bytes(32, 9), {}}}};
  const auto signature = sign(authorize(bare), bare).at(0);
  REQUIRE_FALSE(signature.error);
  CHECK(signature.dtbs == Bytes(32, 9));
  CHECK(audit::find(*database, signature.audit_seq)->event.details.at("content") == "unknown");
}
