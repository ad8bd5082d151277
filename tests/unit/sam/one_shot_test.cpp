// A key and a certificate for one approval alone: made only for it, used only for what was
// approved, gone afterwards whatever happened.
#include "one_shot_fixture.h"

using namespace tsp;
using namespace tsp::sam;
using namespace std::chrono_literals;

namespace {

using Log = std::vector<std::string>;

struct Approved : OneShots {
  Manifest two = one_shot({"a.pdf", "b.pdf"});
  Approval approval = authorize(two);
  std::int64_t before = audit::size(*database);

  bool is_void() {
    return !store::find_approval(*database, crypto::sha256(approval.secret.view()));
  }
  // fault and reason; the key is gone, nothing was signed.
  std::string refused(const std::function<x509::Certificate(const OneShotKey&)>& certify) {
    const std::string said = refusal_of([&] { sign_with(approval, two, certify); });
    CHECK(is_gone());
    CHECK(is_void());
    CHECK(store::open_intents(*database).empty());
    return said;
  }
  // The same for a certificate that is not the one that was approved.
  std::string refused_certificate(const std::function<void(test::CertificateOrder&)>& change) {
    const auto said =
        refused([&](const OneShotKey& wanted) { return keep(row_for(wanted, change)); });
    CHECK(log(before) == Log{"key.generate done", "key.destroy done", "sign refused"});
    return said;
  }
};

}  // namespace

TEST_CASE_METHOD(Approved, "one approval, one key, every document signed, and the key is gone") {
  const OneShotSigned done = sign_once(approval, two);
  CHECK(certified == 1);
  REQUIRE(done.signatures.size() == 2);
  const Manifest completed = with_attributes(two, done.certificate);
  for (std::size_t at = 0; at < 2; ++at) {
    REQUIRE_FALSE(done.signatures[at].error);
    CHECK(done.signatures[at].dtbs == crypto::sha256(completed.entries[at].signed_attributes));
    CHECK(done.certificate.public_key().verify(
        crypto::Scheme::ecdsa, two.hash, done.signatures[at].dtbs, done.signatures[at].value));
  }
  CHECK(is_gone());
  CHECK(is_void());
  CHECK(log(before) == Log{"key.generate done", "sign intent", "sign intent", "sign done",
                           "sign done", "key.destroy done"});
  const auto made = audit::find(*database, before).value().event;
  const auto gone = audit::find(*database, before + 5).value().event;
  CHECK(made.subject == done.key);
  CHECK(gone.subject == done.key);
  CHECK(made.details.at("user") == "alice");
  CHECK(made.details.at("scal") == 1);
  CHECK(made.details.at("public_key_sha256") ==
        to_hex(crypto::sha256(done.certificate.public_key().spki())));
  CHECK(gone.details.at("reason") == "used");
  const Json details = audit::find(*database, done.signatures[1].audit_seq)->event.details;
  CHECK(details.at("key") == done.key);
  CHECK(details.at("certificate") == done.certificate.serial());
  CHECK(details.at("document") == "b.pdf");
}

TEST_CASE_METHOD(Approved, "the signed attributes say what was approved and nothing else") {
  const OneShotSigned done = sign_once(approval, two);
  const Manifest completed = with_attributes(two, done.certificate);
  const auto said = cms::parse_signed_attributes(completed.entries[0].signed_attributes);
  CHECK(said.message_digest == two.entries[0].content_digest);
  CHECK(said.certificate_digest == crypto::sha256(done.certificate.der()));
  CHECK_FALSE(said.signing_time);
  CHECK(completed.entries[0].signed_attributes ==
        cms::signed_attributes(two.hash, two.entries[0].content_digest, done.certificate));
}

TEST_CASE_METHOD(Approved, "an approval makes one key: a replay makes none") {
  sign_once(approval, two);
  before = audit::size(*database);
  CHECK(refusal_of([&] { sign_once(approval, two); }) == "policy-refused approval-unknown");
  CHECK(log(before) == Log{"sign refused"});
  CHECK(certified == 1);
}

TEST_CASE_METHOD(Approved, "of many at once one makes a key") {
  std::atomic<int> done = 0, refused = 0;
  std::vector<std::thread> threads;
  std::atomic<int> asked = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      const auto connection = store::Database::open(path, store::Database::Open::existing);
      SignatureActivationModule own(*connection, clock, session, policy);
      const auto certify = [&](const OneShotKey& wanted) {
        ++asked;
        const auto row = row_for(wanted);
        store::Transaction transaction(*connection);
        store::insert_certificate(transaction, row);
        transaction.commit();
        return x509::Certificate::from_der(row.der);
      };
      try {
        own.sign_one_shot({&kStaff, &approval, &two, certify, {}});
        ++done;
      } catch (const Error&) {
        ++refused;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(done == 1);
  CHECK(refused == 7);
  CHECK(asked == 1);
  CHECK(is_gone());
}

TEST_CASE_METHOD(Approved,
                 "the approval of a one-shot key lets no other key sign, nor is one made "
                 "under another's") {
  CHECK(refusal_of([&] { sign(approval, two); }) == "not-found key-unknown");
  CHECK(is_void());
  next_code();
  approval = authorize(two);
  CHECK(refusal_of([&] {
          sign(approval, documents({"a.pdf", "b.pdf"}));
        }) == "not-found key-unknown");
  next_code();
  const std::string own = store::keys_of(*database, "alice").at(0).id;
  const Manifest ordinary = documents({"a.pdf"});
  const Approval of_own =
      module().authorize(kStaff, "alice", own, ordinary, presented(kPin, code()));
  const auto from = audit::size(*database);
  CHECK(refusal_of([&] { sign_once(of_own, ordinary); }) == "policy-refused hash-not-approved");
  CHECK(refusal_of([&] { sign_once(of_own, ordinary); }) == "policy-refused approval-unknown");
  CHECK(log(from) == Log{"sign refused", "sign refused"});
  CHECK(certified == 0);
  CHECK(is_gone());
}

TEST_CASE_METHOD(OneShots,
                 "no key that is there is approved for a one-shot manifest, nor the other "
                 "way round") {
  const std::string own = store::keys_of(*database, "alice").at(0).id;
  const auto outcome = [&](const std::string& id, const Manifest& manifest) {
    return refusal_of(
        [&] { module().authorize(kStaff, "alice", id, manifest, presented(kPin, code())); });
  };
  CHECK(outcome(own, one_shot({"a.pdf"})) == "policy-refused manifest");
  CHECK(outcome(key, documents({"a.pdf"})) == "policy-refused manifest");
  CHECK(outcome("another", one_shot({"a.pdf"})) == "policy-refused manifest");
}

TEST_CASE_METHOD(Approved, "other documents than the approved make no key") {
  for (const Manifest& manifest :
       {one_shot({"a.pdf"}), one_shot({"b.pdf", "a.pdf"}), one_shot({"a.pdf", "b.pdf"}, 2)}) {
    next_code();
    const Approval fresh = authorize(two);
    const auto from = audit::size(*database);
    CHECK(refusal_of([&] { sign_once(fresh, manifest); }) == "policy-refused hash-not-approved");
    CHECK(log(from) == Log{"sign refused"});
  }
  CHECK(certified == 0);
  CHECK(is_gone());
}

TEST_CASE_METHOD(Approved, "a certificate that is not the approved one signs nothing") {
  SECTION("of another subject") {
    CHECK(refused_certificate([](auto& order) { order.common_name = "Mallory"; }) ==
          "policy-refused certificate-not-approved");
  }
  SECTION("valid for longer") {
    CHECK(refused_certificate([&](auto& order) {
            order.not_after = generalized(clock.now() + 601s);
          }) == "policy-refused certificate-not-approved");
  }
  SECTION("that could be revoked") {
    CHECK(refused_certificate([](auto& order) { order.extensions.pop_back(); }) ==
          "policy-refused certificate-not-approved");
  }
  SECTION("that is not on record") {
    CHECK(refused([&](const OneShotKey& wanted) {
            return x509::Certificate::from_der(row_for(wanted).der);
          }) == "policy-refused certificate-not-approved");
  }
  SECTION("of another key, or another signer's") {
    const std::string spki_of = store::keys_of(*database, "alice").at(0).id;
    CHECK(refused([&](const OneShotKey& wanted) {
            const auto other_key =
                crypto::PublicKey::from_spki(store::find_key(*database, spki_of)->spki);
            return keep(row_for({wanted.id, wanted.signer, other_key, wanted.approved}));
          }) == "policy-refused certificate-not-approved");
  }
  SECTION("kept for another signer") {
    enrol("bob");
    CHECK(refused([&](const OneShotKey& wanted) {
            return keep(row_for({wanted.id, "bob", wanted.public_key, wanted.approved}));
          }) == "policy-refused certificate-not-approved");
  }
}

TEST_CASE_METHOD(Approved,
                 "no certificate: the key is destroyed, on record, the approval used up") {
  const Error error = error_in([&] {
    sign_with(approval, two, [](const OneShotKey&) -> x509::Certificate {
      throw Error(Fault::hsm_unavailable, "the CA's key is away");
    });
  });
  CHECK(error.fault == Fault::hsm_unavailable);
  CHECK_THAT(error.next, ContainsSubstring("nothing was signed"));
  CHECK(log(before) == Log{"key.generate done", "key.destroy done"});
  CHECK(audit::find(*database, before + 1)->event.details.at("reason") == "hsm-unavailable");
  CHECK(is_gone());
  CHECK(is_void());
}

TEST_CASE_METHOD(Approved, "whatever else is thrown leaves no key") {
  CHECK_THROWS_AS(sign_with(approval, two,
                            [](const OneShotKey&) -> x509::Certificate { throw std::bad_alloc(); }),
                  std::bad_alloc);
  CHECK(log(before) == Log{"key.generate done", "key.destroy done"});
  CHECK(is_gone());
}

TEST_CASE_METHOD(Approved,
                 "a signer who was suspended, or a certificate revoked, after the key was "
                 "made signs nothing") {
  const std::pair<std::string, std::string> changes[] = {
      {"UPDATE users SET state = 'suspended' WHERE name = 'alice'", "signer-suspended"},
      {"UPDATE groups SET state = 'suspended'", "group-suspended"},
      {"UPDATE certificates SET state = 'revoked', revoked_at = 1", "certificate-revoked"}};
  for (const auto& change : changes) {  // clang 14 gives no part of a binding to a lambda
    const auto& sql = change.first;
    const auto& reason = change.second;
    INFO(sql);
    tamper("UPDATE users SET state = 'active'");
    tamper("UPDATE groups SET state = 'active'");
    tamper("UPDATE certificates SET state = 'valid', revoked_at = NULL");
    next_code();
    approval = authorize(two);
    before = audit::size(*database);
    CHECK(refused([&](const OneShotKey& wanted) {
            auto certificate = keep(row_for(wanted));
            tamper(sql);
            return certificate;
          }) == "policy-refused " + reason);
    CHECK(log(before) == Log{"key.generate done", "sign refused", "key.destroy done"});
    CHECK(audit::find(*database, before + 2)->event.details.at("reason") == reason);
  }
}

TEST_CASE_METHOD(Approved, "an approval that ends while the certificate is made signs nothing") {
  CHECK(refused([&](const OneShotKey& wanted) {
          auto certificate = keep(row_for(wanted));
          clock.set(approval.expires_at);
          return certificate;
        }) == "policy-refused approval-expired");
}

TEST_CASE_METHOD(Approved, "a suspended signer gets no key under an approval given before") {
  commit([](store::Transaction& t) { store::set_user_state(t, "alice", "suspended"); });
  CHECK(refusal_of([&] { sign_once(approval, two); }) == "policy-refused signer-suspended");
  CHECK(log(before) == Log{"sign refused"});
  CHECK(is_void());
  CHECK(is_gone());
}

TEST_CASE_METHOD(Approved, "what the progress throws leaves the rest unsigned and no key") {
  const auto done = sign_with(
      approval, two, [&](const OneShotKey& wanted) { return keep(row_for(wanted)); },
      [](std::size_t) { throw Error(Fault::interrupted, "stopped"); });
  CHECK_FALSE(done.signatures[0].error);
  REQUIRE(done.signatures[1].error);
  CHECK(log(before).back() == "key.destroy done");
  CHECK(is_gone());
}

TEST_CASE_METHOD(Approved,
                 "where the key cannot be recorded there is none, and nothing is signed") {
  tamper("CREATE TRIGGER full BEFORE INSERT ON audit_records BEGIN SELECT RAISE(ABORT, 'x'); END");
  const Error error = error_in([&] { sign_once(approval, two); });
  CHECK(error.fault == Fault::audit_after_signing);
  CHECK_THAT(error.next, ContainsSubstring("nothing was signed"));
  CHECK(certified == 0);
  CHECK(is_gone());
  tamper("DROP TRIGGER full");
  CHECK_FALSE(is_void());
}

TEST_CASE_METHOD(Approved, "where the intent cannot be written the key is not used, and goes") {
  const Error error = error_in([&] {
    sign_with(approval, two, [&](const OneShotKey& wanted) {
      auto certificate = keep(row_for(wanted));
      tamper(
          "CREATE TRIGGER full BEFORE INSERT ON audit_records BEGIN SELECT RAISE(ABORT, 'x'); END");
      return certificate;
    });
  });
  CHECK(error.fault == Fault::audit_before_signing);
  CHECK(is_gone());
  CHECK(store::open_intents(*database).empty());
}

TEST_CASE_METHOD(Approved,
                 "where the result cannot be written the signatures are wiped, and the key "
                 "is gone") {
  const Error error = error_in([&] {
    sign_with(
        approval, two, [&](const OneShotKey& wanted) { return keep(row_for(wanted)); },
        [&](std::size_t) {
          tamper(
              "CREATE TRIGGER IF NOT EXISTS full BEFORE INSERT ON audit_records BEGIN SELECT "
              "RAISE(ABORT, 'x'); END");
        });
  });
  CHECK(error.fault == Fault::audit_after_signing);
  CHECK(store::open_intents(*database).size() == 2);
  CHECK(is_gone());
}

TEST_CASE_METHOD(OneShots, "wrong factors are a try, and make no key") {
  const Manifest manifest = one_shot({"a.pdf"});
  CHECK(refusal_of([&] {
          module().authorize(kStaff, "alice", key, manifest, presented("999999", code()));
        }) == "factor-refused factor-refused");
  CHECK(store::attempts_of(*database, "alice") == 1);
  CHECK(is_gone());
}

TEST_CASE_METHOD(OneShots, "what a one-shot manifest must not be") {
  const auto refused = [&](const Manifest& manifest) {
    next_code();
    return refusal_of([&] { authorize(manifest); });
  };
  Manifest bad = one_shot({"a.pdf"});
  bad.entries[0].signed_attributes = {0x31, 0x00};
  CHECK(refused(bad) == "bad-input manifest");
  bad = one_shot({"a.pdf"});
  bad.entries[0].file_sha256.clear();
  CHECK(refused(bad) == "bad-input manifest");
  bad = one_shot({"a.pdf", "a.pdf"});
  CHECK(refused(bad) == "bad-input manifest");
  CHECK(refused(one_shot({})) == "bad-input manifest");
  const std::function<void(OneShot&)> changes[] = {
      [](OneShot& made) { made.subject.clear(); },
      [](OneShot& made) { made.subject = "CN=\x1b[31mAlice"; },
      [](OneShot& made) { made.algorithm = "rsa-1024"; },
      [](OneShot& made) { made.seconds = 0; },
      [](OneShot& made) { made.seconds = 86401; },
      [](OneShot& made) { made.scal = 3; }};
  for (const auto& change : changes) {
    bad = one_shot({"a.pdf"});
    change(*bad.one_shot);
    CHECK(refused(bad) == "bad-input manifest");
  }
  bad = one_shot({"a.pdf"});
  bad.hash = crypto::HashAlgorithm::sha1;
  CHECK_THAT(refused(bad), ContainsSubstring("manifest"));
  CHECK(is_gone());
}

TEST_CASE_METHOD(OneShots, "at SCAL 2 the device approves, and what it is shown says so") {
  Device device = Device::generate("phone", crypto::KeyAlgorithm::ecdsa_p256);
  const Manifest manifest = one_shot({"a.pdf"}, 2);
  CHECK(refusal_of([&] { authorize(manifest); }) == "input-needed factor-missing");
  commit([&](store::Transaction& t) {
    store::insert_factor(t, {0, "alice", "device", encode(device.card()), 0, clock.now()});
  });
  const Asked asked = module().ask(kStaff, "alice", key, &manifest, AnswerKey::with_caller);
  CHECK(asked.request.credential == kOneShotKey);
  CHECK(asked.request.certificate_serial.empty());
  REQUIRE(asked.questions.size() == 1);
  const DeviceQuestion shown = decode_question(encode(asked.questions[0]));
  CHECK(decode_manifest(shown.manifest).one_shot == manifest.one_shot);
  const auto answered = [&](const Asked& to) {
    Presented out = pin_only(kPin);
    out.request = to.request.id;
    out.answer = device.answer(to.questions[0], true);
    out.answer_key = to.answer_key;
    return out;
  };
  const Manifest unasked = one_shot({"b.pdf"}, 2);
  CHECK(refusal_of([&] { module().authorize(kStaff, "alice", key, unasked, answered(asked)); }) ==
        "policy-refused request-of-another");
  const Approval approval = module().authorize(kStaff, "alice", key, manifest, answered(asked));
  CHECK_FALSE(sign_once(approval, manifest).signatures.at(0).error);
  CHECK(is_gone());
}

TEST_CASE_METHOD(OneShots, "SCAL 2 without a device in the policy makes no key") {
  auto group = store::find_group(*database, "default").value();
  group.factors_scal2 = "pin+ocra|pin+oob";
  commit([&](store::Transaction& t) { store::update_group(t, group); });
  CHECK(refusal_of([&] { authorize(one_shot({"a.pdf"}, 2)); }) == "policy-refused scal");
}

TEST_CASE_METHOD(OneShots, "an outsider learns nothing of a name by asking for a one-shot key") {
  const Manifest manifest = one_shot({"a.pdf"});
  const auto asked = [&](const std::string& name) {
    return module().ask(kOutsider, name, key, &manifest, AnswerKey::with_caller).request;
  };
  const ActivationRequest known = asked("alice"), unknown = asked("zoe");
  CHECK(known.certificate_serial == unknown.certificate_serial);
  CHECK(known.expires_at - known.created_at == unknown.expires_at - unknown.created_at);
  const auto tried = [&](const std::string& name) {
    return fault_of(
        [&] { module().authorize(kOutsider, name, key, manifest, presented("999999", "000000")); });
  };
  CHECK(tried("alice") == "factor-refused");
  CHECK(tried("zoe") == "factor-refused");
}

TEST_CASE_METHOD(Approved, "an RSA key is made and used the same way") {
  two.one_shot->algorithm = "rsa-3072";
  next_code();
  approval = authorize(two);
  const OneShotSigned done = sign_once(approval, two);
  CHECK(done.certificate.public_key().verify(
      crypto::Scheme::rsa_pss, two.hash, done.signatures.at(0).dtbs, done.signatures.at(0).value));
  CHECK(is_gone());
}

TEST_CASE("a one-shot manifest is read back as it was written, and as nothing else") {
  const Manifest manifest = OneShots::one_shot({"a.pdf", "b.pdf"}, 2);
  const Bytes octets = encode(manifest);
  const Manifest again = decode_manifest(octets);
  CHECK(again.one_shot == manifest.one_shot);
  CHECK(encode(again) == octets);
  Manifest ordinary = manifest;
  ordinary.one_shot.reset();
  CHECK(manifest_hash(ordinary) != manifest_hash(manifest));
  CHECK(entry_hash(ordinary, 0) != entry_hash(manifest, 0));
  for (std::size_t size = 0; size < octets.size(); ++size)
    CHECK(fault_of([&] { decode_manifest(ByteView(octets).first(size)); }) == "bad-input");
  Bytes longer = octets;
  longer.push_back(0);
  CHECK(fault_of([&] { decode_manifest(longer); }) == "bad-input");
  Manifest other = manifest;
  other.one_shot->scal = 1;
  CHECK(manifest_hash(other) != manifest_hash(manifest));
  other = manifest;
  other.one_shot->subject = "CN=Mallory";
  CHECK(manifest_hash(other) != manifest_hash(manifest));
}
