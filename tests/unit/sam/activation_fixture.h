// A small TSP around the module: a token, a store, a clock that the test moves, and alice with a
// PIN, a code, a key and a certificate.
#pragma once

#include <openssl/evp.h>

#include <functional>

#include "audit/log.h"
#include "cms/signed_data.h"
#include "crypto/digest.h"
#include "sam/credential.h"
#include "sam/sam.h"
#include "sam/weak_for_tests.h"
#include "signers_token.h"
#include "support/catch.h"
#include "support/certificates.h"
#include "support/command.h"
#include "support/fixed_clock.h"

namespace tsp::sam {

inline constexpr std::string_view kPin = "246813";
inline const Caller kStaff{"uid:0", true};
inline const Caller kOutsider{"uid:1000", false};

struct Tsp : SignersToken {
  test::Folder folder;
  std::string path = folder.file("store.db");
  std::unique_ptr<store::Database> database =
      store::Database::open(path, store::Database::Open::create);
  test::FixedClock clock{from_unix(1800000000)};
  Policy policy{5, std::chrono::seconds(300), 1000, true, kQuick};
  test::Holder authority{{"Test CA", test::ca_extensions()}};
  std::string key;     // alice's
  std::string serial;  // of her certificate
  Bytes seed = Bytes(20, 0x5a);

  Tsp() {
    enrol("alice");
    key = add_key("alice");
    serial = certify(key, "alice").serial;
  }

  void commit(const std::function<void(store::Transaction&)>& act) {
    store::Transaction transaction(*database);
    act(transaction);
    transaction.commit();
  }
  // The SQL that an intruder might run.
  void tamper(const std::string& sql) { database->prepare(sql).run(); }

  void enrol(const std::string& name) {
    store::UserRow user;
    user.name = name;
    user.kind = "natural";
    user.group = "default";
    user.common_name = name;
    user.state = "active";
    user.created_at = clock.now();
    const Bytes pin = make_pin_verifier_for_tests(*session, name, secret(kPin), kQuick);
    const Bytes sealed = seal_seed(*session, name, Secret::copy_of(seed));
    commit([&](store::Transaction& t) {
      store::insert_user(t, user);
      store::insert_factor(t, {0, name, "pin", pin, 0, clock.now()});
      store::insert_factor(t, {0, name, "totp", sealed, 0, clock.now()});
    });
  }
  std::string add_key(const std::string& owner,
                      crypto::KeyAlgorithm algorithm = crypto::KeyAlgorithm::ecdsa_p256) {
    const store::KeyRow row = generate_key(*session, owner, {}, algorithm, "", clock.now());
    commit([&](store::Transaction& t) { store::insert_key(t, row); });
    return row.id;
  }
  store::CertificateRow certify(const std::string& id, const std::string& owner,
                                test::CertificateOrder order = {"Alice"}) {
    const auto row = store::find_key(*database, id).value();
    const auto public_key = crypto::PublicKey::from_spki(row.spki);
    EVP_PKEY_up_ref(public_key.get());
    const auto holder =
        std::make_shared<test::SoftwareSigner>(crypto::EvpPkeyPtr(public_key.get()));
    const auto made = test::Holder(order, authority, holder).certificate();
    store::CertificateRow out;
    out.serial = made.serial();
    out.role = "signer";
    out.key = id;
    out.owner = owner;
    out.not_before = made.not_before();
    out.not_after = made.not_after();
    out.spki = row.spki;
    out.der = made.der();
    out.state = "valid";
    out.created_at = clock.now();
    commit([&](store::Transaction& t) { store::insert_certificate(t, out); });
    return out;
  }
  x509::Certificate certificate() {
    return x509::Certificate::from_der(store::find_certificate(*database, serial)->der);
  }

  Manifest documents(const std::vector<std::string>& names) {
    Manifest manifest;
    for (const std::string& name : names) {
      ManifestEntry entry{name,
                          crypto::sha256(as_bytes("file " + name)),
                          crypto::sha256(as_bytes("content " + name)),
                          {}};
      entry.signed_attributes =
          cms::signed_attributes(manifest.hash, entry.content_digest, certificate());
      manifest.entries.push_back(std::move(entry));
    }
    return manifest;
  }
  std::string code() { return hotp(seed, static_cast<std::uint64_t>(totp_step(clock.now()))); }
  void next_code() { clock.advance(std::chrono::seconds(30)); }
  static Presented presented(std::string_view pin, std::string_view otp) {
    Presented out = pin_only(pin);
    out.otp = secret(otp);
    return out;
  }
  static Presented pin_only(std::string_view pin) {
    Presented out;
    out.pin = secret(pin);
    return out;
  }

  SignatureActivationModule module() { return {*database, clock, session, policy}; }
  Approval authorize(const Manifest& manifest, const Caller& caller = kStaff) {
    return module().authorize(caller, "alice", key, manifest, presented(kPin, code()));
  }
  std::vector<Signature> sign(const Approval& approval, const Manifest& manifest) {
    return module().sign(kStaff, approval, manifest);
  }
  // Every document, by the ECDSA key of her certificate.
  void check_signed(const Manifest& manifest, const std::vector<Signature>& signatures) {
    REQUIRE(signatures.size() == manifest.entries.size());
    const crypto::PublicKey public_key = certificate().public_key();
    for (std::size_t at = 0; at < signatures.size(); ++at) {
      REQUIRE_FALSE(signatures[at].error);
      CHECK(signatures[at].dtbs == crypto::sha256(manifest.entries[at].signed_attributes));
      CHECK(public_key.verify(crypto::Scheme::ecdsa, manifest.hash, signatures[at].dtbs,
                              signatures[at].value));
    }
  }
  Error error_in(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& error) {
      return error;
    }
    return {Fault::usage, "no error"};
  }
  // fault and reason of the record, "policy-refused signer-suspended".
  std::string refusal_of(const std::function<void()>& act) {
    const Error error = error_in(act);
    const std::string fault(fault_row(error.fault).name);
    if (!error.audit_seq) return fault + " without record";
    const auto record = audit::find(*database, static_cast<std::int64_t>(*error.audit_seq)).value();
    CHECK(record.event.outcome == audit::Outcome::refused);
    return fault + " " + record.event.details.at("reason").get<std::string>();
  }
  std::string try_with(std::string_view pin, std::string_view otp, const Caller& caller = kStaff,
                       const std::string& signer = "alice") {
    return refusal_of([&] {
      module().authorize(caller, signer, key, documents({"a.pdf"}), presented(pin, otp));
    });
  }
  // "event outcome" of every record from `from` on.
  std::vector<std::string> log(std::int64_t from = 0) {
    static constexpr const char* kOutcomes[] = {"intent", "done", "refused", "failed"};
    std::vector<std::string> out;
    audit::each(*database, from, [&](const audit::Record& record) {
      out.push_back(record.event.event + " " +
                    kOutcomes[static_cast<std::size_t>(record.event.outcome)]);
      return true;
    });
    return out;
  }
};

}  // namespace tsp::sam
