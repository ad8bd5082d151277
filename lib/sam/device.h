// The signer's device: two keys that never leave it, one that signs activation requests and one to
// which shares are sealed. Here is both what the device does and what the activation module checks.
// docs/formats/device.md.
#pragma once

#include "crypto/exchange.h"
#include "crypto/symmetric.h"
#include "sam/request.h"

namespace tsp::sam {

// What the TSP knows of a device.
struct DeviceCard {
  std::string name;  // as its owner calls it, printable, 1 to 64 octets
  crypto::KeyAlgorithm algorithm = crypto::KeyAlgorithm::ecdsa_p256;  // or ed25519
  Bytes spki;                                                         // of the signing key
  Bytes exchange_point;                                               // P-256
};
Bytes encode(const DeviceCard& card);
DeviceCard decode_card(ByteView octets);  // Error{bad_input}; weak keys {policy_refused}

class Device {
 public:
  static Device generate(std::string name, crypto::KeyAlgorithm algorithm);
  // The key file: everything sealed under Argon2id(passphrase), AES-256-GCM. Error{policy_refused}
  // for an empty passphrase or a cost under crypto::kLeastArgon2.
  Bytes seal(const Secret& passphrase, const crypto::Argon2& cost) const;
  // Error{factor_refused} for another passphrase or a damaged content, {tampered} for octets that
  // are no key file.
  static Device open(ByteView file, const Secret& passphrase);

  DeviceCard card() const;
  // The card with a signature of it, for one signer at one provider, so that nobody registers
  // another's device: text form base64.
  Bytes introduce(std::string_view provider, std::string_view signer);
  // Signs the request, share included. `approved` false: a refusal, signed too. What it gives is
  // encode(DeviceAnswer). Does NOT look at the clock, nor at whose request it is. Error{bad_input}
  // where the sealed share is not this device's, {tampered} for another manifest.
  Bytes answer(const DeviceQuestion& question, bool approved);

 private:
  Device(std::string name, crypto::SoftwareKey key, crypto::ExchangeKey exchange);
  std::string name_;
  crypto::SoftwareKey key_;
  crypto::ExchangeKey exchange_;
};

// The card of an introduction made for this signer at this provider. Error{policy_refused} where it
// was made for others or not by this device; else as decode_card().
DeviceCard check_introduction(ByteView octets, std::string_view provider, std::string_view signer);

// Seals a share for a device: bound to credential and device.
Bytes seal_share(const DeviceCard& card, std::string_view credential, const Secret& share);

// An answer as it is read: not yet believed.
struct DeviceAnswer {
  Bytes request_id;
  bool approved = false;
  Bytes sealed_share;  // to the request's answer_point; empty: none was asked for, or refused
  Bytes signature;     // Ed25519, or ECDSA over SHA-256 as DER
};
Bytes encode(const DeviceAnswer& answer);
DeviceAnswer decode_answer(ByteView octets);  // Error{bad_input}
// Whether this device signed this answer to this request. Constant work; never throws.
bool is_answer(const DeviceCard& card, const ActivationRequest& request,
               const DeviceAnswer& answer) noexcept;
// The share that came with it. Nothing when it does not open. Does NOT ask who signed it.
std::optional<Secret> open_share(const crypto::ExchangeKey& answer_key,
                                 const ActivationRequest& request, const DeviceAnswer& answer);

}  // namespace tsp::sam
