// Factors cross the front sealed to the activation module: the front sees ciphertext. The key is
// made from the HSM's link key and the day, so that every worker has it and no store does
// (docs/formats/sealed-factors.md).
#pragma once

#include "base/time.h"
#include "crypto/exchange.h"
#include "hsm/hsm.h"

namespace tsp::serve {

// Days since 1970, of which a transport key is good for its own and the next.
std::int64_t transport_day(Time now);
crypto::ExchangeKey transport_key(hsm::Session& signers, std::int64_t day);

// What is sealed together with the octets, so that they are good for nothing else: what they are
// for ("authorize", an operation's name) and, for signing, the manifest's SHA-256.
Bytes sealing_context(std::string_view purpose, ByteView manifest_sha256);

}  // namespace tsp::serve
