// The octets that devices sign and seal (docs/formats/device.md). For this room alone.
#pragma once

#include "sam/device.h"

namespace tsp::sam::device {

inline constexpr std::string_view kIntroductionMagic = "tsp device introduction 1\n";

// Error{bad_input} for a name that cannot be shown, is empty or too long.
void check_name(std::string_view name);

Bytes introduction_message(ByteView card, std::string_view provider, std::string_view signer);
Bytes answer_message(const ActivationRequest& request, const DeviceAnswer& answer);
// What of a message the key signs: Ed25519 all of it, ECDSA its SHA-256.
Bytes signed_octets(crypto::KeyAlgorithm algorithm, ByteView message);
bool verify(const DeviceCard& card, ByteView message, ByteView signature);

// Associated data of a share sealed to a device, and of one sealed to whoever asked.
Bytes share_context(std::string_view credential, ByteView exchange_point);
Bytes answer_context(ByteView request_hash);

}  // namespace tsp::sam::device
