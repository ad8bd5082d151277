// Bare digests: signed with attributes that the module makes, and an approval that is extended.
#include "sam/bare_manifest.h"
#include "scal2_fixture.h"

using namespace tsp;
using namespace tsp::sam;
using namespace std::chrono_literals;

namespace {

struct Digests : Scal2 {
  std::string sealed = key;
  Digests() {
    key = store::keys_of(*database, "alice").front().id;
    if (key == sealed) key = store::keys_of(*database, "alice").back().id;
    serial = store::certificates_of_key(*database, key).front().serial;
  }

  static Manifest bare(const std::vector<std::string>& texts) {
    std::vector<Bytes> digests;
    for (const std::string& text : texts) digests.push_back(crypto::sha256(as_bytes(text)));
    return bare_manifest(crypto::HashAlgorithm::sha256, digests);
  }
  Approval give(const Manifest& manifest, std::size_t further = 0) {
    next_code();
    return module().authorize(kStaff, "alice", key, manifest, presented(kPin, code()), further);
  }
  SigningResult sign_as(const Approval& approval, const Manifest& manifest,
                        std::vector<Form> forms) {
    return std::move(
        module().sign_all({{&kStaff, &approval, &manifest, {}, std::move(forms)}}).at(0));
  }
  Approval extend(const Approval& approval, const Manifest& manifest) {
    return module().extend(kStaff, key, approval.secret, manifest);
  }
  bool is_void(const Approval& approval) {
    return !store::find_approval(*database, crypto::sha256(approval.secret.view()));
  }
  std::string not_extended(const Approval& approval, const Manifest& manifest) {
    return refusal_of([&] { extend(approval, manifest); });
  }
  // An approval of the key of SCAL 2, by its device.
  Approval by_device(const Manifest& manifest) {
    key = sealed;
    serial = store::certificates_of_key(*database, key).front().serial;
    return approve(manifest, answered(ask(manifest)));
  }
};

}  // namespace

TEST_CASE_METHOD(Digests, "attributes over an approved digest are the module's own") {
  const Manifest manifest = bare({"a", "b"});
  const auto result = sign_as(give(manifest), manifest, {Form::pades, Form::cades});
  REQUIRE_FALSE(result.error);
  REQUIRE(result.signed_attributes.size() == 2);
  REQUIRE(result.certificate == certificate());
  for (std::size_t at = 0; at < 2; ++at) {
    const auto content = cms::parse_signed_attributes(result.signed_attributes[at]);
    CHECK(content.message_digest == manifest.entries[at].content_digest);
    CHECK(refers_to(result.signed_attributes[at], certificate().der()));
    CHECK(content.signing_time.has_value() == (at == 1));
    const Bytes dtbs = crypto::sha256(result.signed_attributes[at]);
    CHECK(result.signatures[at].dtbs == dtbs);
    CHECK(certificate().public_key().verify(crypto::Scheme::ecdsa, manifest.hash, dtbs,
                                            result.signatures[at].value));
    const auto record = audit::find(*database, result.signatures[at].audit_seq).value();
    CHECK(record.event.details.at("dtbs_sha256") == to_hex(dtbs));
    CHECK(record.event.details.at("content_digest") == to_hex(manifest.entries[at].content_digest));
    CHECK(record.event.details.at("content") == "unknown");
  }
}

TEST_CASE_METHOD(Digests, "attributes are made over bare digests and nothing else") {
  const Manifest whole = documents({"a.pdf"});
  const Approval approval = authorize(whole);
  const auto result = sign_as(approval, whole, {Form::pades});
  REQUIRE(result.error);
  CHECK(result.reason == "manifest");
  CHECK(is_void(approval));
  const Manifest two = bare({"a", "b"});
  CHECK(sign_as(give(two), two, {Form::pades}).reason == "manifest");
}

TEST_CASE_METHOD(Digests, "a refusal in a queue says under which reason it is on record") {
  const Manifest manifest = bare({"a"});
  const Approval approval = give(manifest);
  CHECK(sign_as(approval, bare({"b"}), {Form::pades}).reason == "hash-not-approved");
  CHECK(sign_as(approval, manifest, {Form::pades}).reason == "approval-unknown");
}

TEST_CASE_METHOD(Digests, "signatures of digests that are still to come are counted") {
  const Manifest first = bare({"first"}), second = bare({"second"}), third = bare({"third"});
  Approval approval = give(first, 2);
  CHECK_FALSE(sign_as(approval, first, {}).error);
  CHECK_FALSE(is_void(approval));
  Approval next = extend(approval, second);
  CHECK(is_void(approval));
  CHECK_FALSE(sign_as(next, second, {}).error);
  CHECK_FALSE(is_void(next));
  Approval last = extend(next, third);
  CHECK_FALSE(sign_as(last, third, {}).error);
  CHECK(is_void(last));
  CHECK(not_extended(last, first) == "policy-refused approval-unknown");
}

TEST_CASE_METHOD(Digests, "more than was approved voids the approval") {
  const Approval approval = give(bare({"a"}), 1);
  CHECK(not_extended(approval, bare({"a", "b", "c"})) == "policy-refused too-many-signatures");
  CHECK(is_void(approval));
  const Approval plain = give(bare({"a"}));
  sign_as(plain, bare({"a"}), {});
  CHECK(not_extended(plain, bare({"b"})) == "policy-refused approval-unknown");
}

TEST_CASE_METHOD(Digests, "an open place is no digest that could be signed") {
  const Manifest first = bare({"first"});
  const Approval approval = give(first, 1);
  CHECK(sign_as(approval, bare({"unknown"}), {}).reason == "hash-not-approved");
  CHECK(is_void(approval));
}

TEST_CASE_METHOD(Digests,
                 "an extension is on record with both approvals, and lives as long again") {
  const Approval approval = give(bare({"a"}), 1);
  clock.advance(200s);
  const std::int64_t before = audit::size(*database);
  const Approval next = extend(approval, bare({"b"}));
  CHECK(next.expires_at == clock.now() + 300s);
  CHECK(log(before) == std::vector<std::string>{"sign.extend done"});
  const auto record = audit::find(*database, next.audit_seq).value();
  CHECK(record.event.subject == "alice");
  CHECK(record.event.details.at("extends") == to_hex(crypto::sha256(approval.secret.view())));
  CHECK(record.event.details.at("approval") == to_hex(crypto::sha256(next.secret.view())));
}

TEST_CASE_METHOD(Digests, "an approval that is over, or of another key, is not extended") {
  Approval approval = give(bare({"a"}), 1);
  clock.advance(301s);
  CHECK(not_extended(approval, bare({"b"})) == "policy-refused approval-expired");
  approval = give(bare({"a"}), 1);
  key = sealed;
  CHECK(not_extended(approval, bare({"b"})) == "policy-refused approval-of-another");
}

TEST_CASE_METHOD(Digests, "a suspended signer's approval is not extended") {
  const Approval approval = give(bare({"a"}), 1);
  tamper("UPDATE users SET state = 'suspended' WHERE name = 'alice'");
  CHECK(not_extended(approval, bare({"b"})) == "policy-refused signer-suspended");
  CHECK(is_void(approval));
}

TEST_CASE_METHOD(Digests, "of many at once one extends") {
  const Approval approval = give(bare({"a"}), 1);
  std::atomic<int> extended = 0;
  std::vector<std::thread> threads;
  for (int at = 0; at < 8; ++at)
    threads.emplace_back([&] {
      const auto own = store::Database::open(path, store::Database::Open::existing);
      SignatureActivationModule module(*own, clock, session, policy);
      try {
        module.extend(kStaff, key, approval.secret, bare({"b"}));
        ++extended;
      } catch (const Error&) {
        // Another was quicker.
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(extended == 1);
}

TEST_CASE_METHOD(Digests, "SCAL 2: what the signer approved, and nothing else, is extended") {
  const Manifest both = bare({"a", "b"});
  Approval approval = by_device(both);
  clock.advance(100s);
  const Approval rest = extend(approval, bare({"b"}));
  CHECK(rest.expires_at == approval.expires_at);
  CHECK(is_void(approval));
  const auto signed_rest = sign_as(rest, bare({"b"}), {Form::pades});
  CHECK_FALSE(signed_rest.error);
  CHECK(is_void(rest));
  approval = by_device(both);
  CHECK(not_extended(approval, bare({"c"})) == "policy-refused hash-not-approved");
  CHECK(is_void(approval));
  approval = by_device(both);
  sign_as(approval, bare({"a"}), {});
  CHECK(not_extended(approval, bare({"a"})) == "policy-refused hash-not-approved");
}

TEST_CASE_METHOD(Digests, "SCAL 2 approves nothing that is still to come") {
  const Manifest manifest = bare({"a"});
  key = sealed;
  serial = store::certificates_of_key(*database, key).front().serial;
  const Presented factors = answered(ask(manifest));
  CHECK(refusal_of([&] { module().authorize(kStaff, "alice", key, manifest, factors, 1); }) ==
        "policy-refused scal");
}

TEST_CASE_METHOD(Digests, "documents, and more than the group allows, have no open places") {
  next_code();
  const auto refused = [&](const Manifest& manifest, std::size_t further) {
    next_code();
    return refusal_of([&] {
      module().authorize(kStaff, "alice", key, manifest, presented(kPin, code()), further);
    });
  };
  CHECK(refused(documents({"a.pdf"}), 1) == "policy-refused manifest");
  CHECK(refused(bare({"a"}), 1000) == "policy-refused manifest-too-long");
  CHECK(refused(bare({"a"}), SIZE_MAX) == "policy-refused manifest-too-long");
}

TEST_CASE_METHOD(Digests,
                 "what was made of a document is signed where it is allowed, and at SCAL 1") {
  const Manifest manifest = bare({"document"});
  const Bytes content = crypto::sha256(as_bytes("revision"));
  const auto sign_content = [&](const Approval& approval, const std::vector<Bytes>& of) {
    SigningOrder order{&kStaff, &approval, &manifest, {}, {Form::pades}, of};
    return std::move(module().sign_all({order}).at(0));
  };
  CHECK(sign_content(give(manifest), {content}).reason == "documents-not-allowed");
  policy.whole_documents = true;
  CHECK(sign_content(give(manifest), {Bytes(31)}).reason == "manifest");
  CHECK(sign_content(give(manifest), {content, content}).reason == "manifest");
  const auto result = sign_content(give(manifest), {content});
  REQUIRE_FALSE(result.error);
  CHECK(cms::parse_signed_attributes(result.signed_attributes.at(0)).message_digest == content);
  const auto record = audit::find(*database, result.signatures.at(0).audit_seq).value();
  CHECK(record.event.details.at("content_digest") == to_hex(content));
  CHECK(record.event.details.at("document_digest") == to_hex(manifest.entries[0].content_digest));
  CHECK(sign_content(by_device(manifest), {content}).reason == "scal");
}
