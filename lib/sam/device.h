// The signer's device: two keys that never leave it, one that signs activation requests and one to
// which shares are sealed. Here is both what the device does and what the activation module checks.
// docs/formats/device.md.
#pragma once

#include "crypto/exchange.h"
#include "sam/request.h"

namespace tsp::sam {

// What the TSP knows of a device.
struct DeviceCard {
  std::string name;  // as its owner calls it, printable, at most 64 octets
  crypto::KeyAlgorithm algorithm = crypto::KeyAlgorithm::ecdsa_p256;  // or ed25519
  Bytes spki;            // of the signing key
  Bytes exchange_point;  // P-256
};
Bytes encode(const DeviceCard& card);
DeviceCard decode_card(ByteView octets);  // Error{bad_input}; weak keys {policy_refused}

class Device {
 public:
  static Device generate(std::string name, crypto::KeyAlgorithm algorithm);
  // The key file: everything sealed under Argon2id(passphrase), AES-256-GCM. Error{factor_refused}
  // for another passphrase, {tampered} for octets that are none.
  Bytes seal(const Secret& passphrase, const crypto::Argon2& cost) const;
  static Device open(ByteView file, const Secret& passphrase);

  DeviceCard card() const;
  // The card with a signature of it, for one signer at one provider, so that nobody registers
  // another's device: text form base64.
  Bytes introduce(const std::string& provider, const std::string& signer);
  // Signs the request, share included. `approved` false: a refusal, signed too.
  // Error{bad_input} where the sealed share is not this device's.
  Bytes answer(const DeviceQuestion& question, bool approved);

 private:
  Device(std::string name, crypto::SoftwareKey key, crypto::ExchangeKey exchange);
  std::string name_;
  crypto::SoftwareKey key_;
  crypto::ExchangeKey exchange_;
};

// A card whose introduction is for this signer at this provider. Error{policy_refused} otherwise.
DeviceCard check_introduction(ByteView octets, const std::string& provider,
                              const std::string& signer);

// Seals a share for a device: bound to credential and device.
Bytes seal_share(const DeviceCard& card, const std::string& credential, const Secret& share);

// An answer as it is read: not yet believed.
struct DeviceAnswer {
  Bytes request_id;
  bool approved = false;
  Bytes sealed_share;  // to the request's answer_point; empty: none was asked for
  Bytes signature;
};
Bytes encode(const DeviceAnswer& answer);
DeviceAnswer decode_answer(ByteView octets);  // Error{bad_input}
// Whether this device signed this answer to this request. Constant work; never throws.
bool is_answer(const DeviceCard& card, const ActivationRequest& request,
               const DeviceAnswer& answer);
// The share that came with it. Nothing when it does not open.
std::optional<Secret> open_share(const crypto::ExchangeKey& answer_key,
                                 const ActivationRequest& request, const DeviceAnswer& answer);

}  // namespace tsp::sam
