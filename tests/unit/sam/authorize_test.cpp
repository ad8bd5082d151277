// What stands between a request and an approval, besides the factors.
#include "activation_fixture.h"

using namespace tsp;
using namespace tsp::sam;
using namespace std::chrono_literals;

TEST_CASE_METHOD(Tsp, "the right factors give an approval that is on record") {
  const Manifest manifest = documents({"a.pdf", "b.pdf"});
  const Approval approval = authorize(manifest);
  CHECK(approval.expires_at == clock.now() + 300s);
  CHECK(approval.secret.size() == 32);
  const auto record = audit::find(*database, approval.audit_seq).value();
  CHECK(record.event.event == "sign.authorize");
  CHECK(record.event.outcome == audit::Outcome::done);
  CHECK(record.event.actor == "uid:0");
  CHECK(record.event.subject == "alice");
  CHECK(record.event.details.at("manifest_sha256") == to_hex(manifest_hash(manifest)));
  CHECK(record.event.details.at("documents") == 2);
  CHECK(record.event.details.at("certificate") == serial);
}

TEST_CASE_METHOD(Tsp, "the store keeps only the digest of the approval's secret") {
  const Approval approval = authorize(documents({"a.pdf"}));
  CHECK(store::find_approval(*database, crypto::sha256(approval.secret.view())));
  database->truncate_log();
  CHECK(as_text(read_file(path, 1 << 24)).find(approval.secret.text()) == std::string_view::npos);
}

TEST_CASE_METHOD(Tsp, "no secret comes into the log") {
  authorize(documents({"a.pdf"}));
  try_with("135790", "000000");
  std::string all;
  audit::each(*database, 0, [&](const audit::Record& record) {
    all += record.event.details.dump();
    return true;
  });
  for (const std::string& word : {std::string(kPin), std::string("135790"), code()})
    CHECK(all.find(word) == std::string::npos);
}

TEST_CASE_METHOD(Tsp, "check() agrees with authorize(), consumes and records nothing") {
  module().check("alice", key, certificate(), documents({"a.pdf"}));
  CHECK(log().empty());
  CHECK(store::attempts_of(*database, "alice") == 0);
  CHECK(fault_of([&] { module().check("nobody", key, certificate(), documents({"a.pdf"})); }) ==
        "not-found");
  CHECK(fault_of([&] {
          module().check("alice", key, authority.certificate(), documents({"a.pdf"}));
        }) == "policy-refused");
}

TEST_CASE_METHOD(Tsp, "a suspended signer is refused before a code is used") {
  commit([](store::Transaction& t) { store::set_user_state(t, "alice", "suspended"); });
  CHECK(try_with(kPin, code()) == "policy-refused signer-suspended");
  CHECK(store::attempts_of(*database, "alice") == 0);
}

TEST_CASE_METHOD(Tsp, "another signer's key is refused and on record") {
  enrol("bob");
  CHECK(try_with(kPin, code(), kStaff, "bob") == "policy-refused key-of-another");
}

TEST_CASE_METHOD(Tsp, "a key that is not there is not found") {
  key = "00";
  CHECK(refusal_of([&] { authorize(documents({"a.pdf"})); }) == "not-found key-unknown");
}

TEST_CASE_METHOD(Tsp, "a destroyed key is refused") {
  commit([&](store::Transaction& t) { store::destroy_key(t, key, clock.now()); });
  CHECK(try_with(kPin, code()) == "policy-refused key-not-active");
}

TEST_CASE_METHOD(Tsp, "authorize() refuses a blob swapped between two signers' rows") {
  enrol("bob");
  const std::string other = add_key("bob");
  const auto a = store::find_key(*database, key).value(), b = *store::find_key(*database, other);
  database->prepare("UPDATE keys SET blob = ? WHERE id = ?").bind(b.blob).bind(key).run();
  database->prepare("UPDATE keys SET blob = ? WHERE id = ?").bind(a.blob).bind(other).run();
  CHECK(try_with(kPin, code()) == "tampered key-link");
}

TEST_CASE_METHOD(Tsp, "a module that found a key's row right looks again once it changed") {
  auto same = module();
  const auto approve = [&] {
    same.authorize(kStaff, "alice", key, documents({"a.pdf"}), presented(kPin, code()));
  };
  approve();
  const Bytes right = store::find_key(*database, key).value().link_mac;
  const auto exchange = [&](const Bytes& mac) {
    database->prepare("UPDATE keys SET link_mac = ? WHERE id = ?").bind(mac).bind(key).run();
    clock.advance(30s);
  };
  exchange(Bytes(32));
  CHECK(refusal_of(approve) == "tampered key-link");
  exchange(right);
  approve();
}

TEST_CASE_METHOD(Tsp, "a certificate row that was made to certify another key is tampered") {
  const auto foreign = certify(add_key("alice"), "alice");
  tamper("UPDATE certificates SET key_name = '" + key + "' WHERE serial = '" + foreign.serial +
         "'");
  tamper("UPDATE certificates SET key_name = 'none' WHERE serial = '" + serial + "'");
  serial = foreign.serial;
  CHECK(try_with(kPin, code()) == "tampered key-link");
}

TEST_CASE_METHOD(Tsp, "a key of SCAL 2 is not opened by PIN and code") {
  auto row = store::find_key(*database, key).value();
  row.scal = 2;
  database->prepare("UPDATE keys SET scal = 2, link_mac = ? WHERE id = ?")
      .bind(link_mac(*session, row))
      .bind(key)
      .run();
  CHECK(try_with(kPin, code()) == "input-needed factor-missing");
}

TEST_CASE_METHOD(Tsp, "without a certificate, with a revoked or a reserved one nobody signs") {
  const std::string without = add_key("alice");
  const Manifest bare{crypto::HashAlgorithm::sha256, {{"", {}, Bytes(32, 1), {}}}};
  CHECK(refusal_of([&] {
          module().authorize(kStaff, "alice", without, bare, presented(kPin, code()));
        }) == "policy-refused certificate-missing");
  commit([&](store::Transaction& t) {
    store::revoke_certificate(t, serial, clock.now(), "keyCompromise");
  });
  CHECK(try_with(kPin, code()) == "policy-refused certificate-revoked");
}

TEST_CASE_METHOD(Tsp, "a certificate is used from its first to its last second") {
  const Manifest manifest = documents({"a.pdf"});
  const auto when = [&](Time now) {
    clock.set(now);
    return refusal_of([&] { authorize(manifest); });
  };
  CHECK(when(from_rfc3339("2019-12-31T23:59:59.999Z").value()) ==
        "policy-refused certificate-not-yet-valid");
  CHECK(when(from_rfc3339("2020-01-01").value()) == "usage without record");
  CHECK(when(from_rfc3339("2049-12-31T23:59:59.999Z").value()) == "usage without record");
  CHECK(when(from_rfc3339("2050-01-01").value()) == "policy-refused certificate-expired");
}

TEST_CASE_METHOD(Tsp, "after a renewal both certificates may be the one that the manifest names") {
  const Manifest before = documents({"a.pdf"});
  clock.advance(1min);
  const std::string renewed = certify(key, "alice").serial;
  CHECK(audit::find(*database, authorize(before).audit_seq)->event.details.at("certificate") ==
        serial);
  next_code();
  serial = renewed;
  CHECK(audit::find(*database, authorize(documents({"a.pdf"})).audit_seq)
            ->event.details.at("certificate") == renewed);
}

TEST_CASE_METHOD(Tsp, "a manifest that names another certificate is refused") {
  Manifest manifest = documents({"a.pdf"});
  manifest.entries[0].signed_attributes = cms::signed_attributes(
      manifest.hash, manifest.entries[0].content_digest, authority.certificate());
  CHECK(refusal_of([&] { authorize(manifest); }) == "policy-refused manifest");
  manifest.entries[0].content_digest[0] ^= 1;
  CHECK(refusal_of([&] { authorize(manifest); }) == "policy-refused manifest");
}

TEST_CASE_METHOD(Tsp, "bare digests only where policy allows them, and never with SHA-1") {
  const Manifest bare{crypto::HashAlgorithm::sha256, {{"", {}, Bytes(32, 1), {}}}};
  policy.bare_hashes = false;
  CHECK(refusal_of([&] { authorize(bare); }) == "policy-refused manifest-bare");
  policy.bare_hashes = true;
  const Manifest weak{crypto::HashAlgorithm::sha1, {{"", {}, Bytes(20, 1), {}}}};
  CHECK(refusal_of([&] { authorize(weak); }) == "policy-refused algorithm");
  CHECK(refusal_of([&] { authorize(bare); }) == "usage without record");
}

TEST_CASE_METHOD(Tsp, "more documents than policy allows are refused") {
  policy.most_documents = 2;
  CHECK(refusal_of([&] {
          authorize(documents({"a", "b", "c"}));
        }) == "policy-refused manifest-too-long");
}
