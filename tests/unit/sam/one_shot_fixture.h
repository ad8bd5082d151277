// Alice without a key, her device, and a CA that makes the certificate that a test wants.
#pragma once

#include <atomic>
#include <thread>

#include "activation_fixture.h"
#include "sam/seal.h"
#include "unit/hsm/expect.h"

namespace tsp::sam {

// "20270115080000Z", as OpenSSL's configuration takes it.
inline std::string generalized(Time time) {
  std::string out;
  for (const char c : to_rfc3339(time))
    if ((c >= '0' && c <= '9') || c == 'Z') out += c;
  return out;
}

struct OneShots : Tsp {
  std::optional<hsm::OtherSession> other{*hsm.module()};
  std::string made_key;  // of the last certificate
  int certified = 0;

  OneShots() { key = std::string(kOneShotKey); }
  ~OneShots() { other.reset(); }

  static Manifest one_shot(const std::vector<std::string>& names, int scal = 1) {
    Manifest manifest;
    for (const std::string& name : names)
      manifest.entries.push_back({name,
                                  crypto::sha256(as_bytes("file " + name)),
                                  crypto::sha256(as_bytes("content " + name)),
                                  {},
                                  3});
    manifest.one_shot = OneShot{"CN=Alice,O=TEST,C=DE", "ecdsa-p256", 600, scal};
    return manifest;
  }

  // The row of a certificate for that key, with what the test changed.
  store::CertificateRow row_for(const OneShotKey& wanted,
                                const std::function<void(test::CertificateOrder&)>& change = {}) {
    test::CertificateOrder order{"Alice"};
    order.extensions.emplace_back("2.5.29.56", "DER:0500");
    order.not_before = generalized(clock.now());
    order.not_after = generalized(clock.now() + std::chrono::seconds(599));
    if (change) change(order);
    EVP_PKEY_up_ref(wanted.public_key.get());
    const auto holder =
        std::make_shared<test::SoftwareSigner>(crypto::EvpPkeyPtr(wanted.public_key.get()));
    const auto certificate = test::Holder(order, authority, holder).certificate();
    store::CertificateRow row;
    row.serial = certificate.serial();
    row.role = "signer";
    row.key = wanted.id;
    row.owner = wanted.signer;
    row.not_before = certificate.not_before();
    row.not_after = certificate.not_after();
    row.spki = wanted.public_key.spki();
    row.der = certificate.der();
    row.state = "valid";
    row.created_at = clock.now();
    return row;
  }
  x509::Certificate keep(const store::CertificateRow& row) {
    commit([&](store::Transaction& t) { store::insert_certificate(t, row); });
    made_key = row.key;
    ++certified;
    return x509::Certificate::from_der(row.der);
  }

  OneShotSigned sign_with(const Approval& approval, const Manifest& manifest,
                          const std::function<x509::Certificate(const OneShotKey&)>& certify,
                          const std::function<void(std::size_t)>& progress = {}) {
    return module().sign_one_shot({&kStaff, &approval, &manifest, certify, progress});
  }
  OneShotSigned sign_once(const Approval& approval, const Manifest& manifest) {
    return sign_with(approval, manifest,
                     [&](const OneShotKey& wanted) { return keep(row_for(wanted)); });
  }
  // No key of the session's, and none in the store, is left.
  bool is_gone() {
    return other->session_objects(CKO_PRIVATE_KEY).empty() &&
           other->session_objects(CKO_PUBLIC_KEY).empty() &&
           (made_key.empty() || !store::find_key(*database, made_key));
  }
};

}  // namespace tsp::sam
