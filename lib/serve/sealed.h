// Factors cross the front sealed to the activation module: the front sees ciphertext, and can use
// none of it twice. The key is made from the HSM's link key and the day, so that every worker has
// it and no store does; the module's certified key says that it is the module's
// (docs/formats/sealed-factors.md).
#pragma once

#include <optional>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "base/time.h"
#include "crypto/exchange.h"
#include "hsm/hsm.h"
#include "x509/certificate.h"

namespace tsp::serve {

// Days since 1970, of which a transport key is good for its own and the next.
std::int64_t transport_day(Time now);
crypto::ExchangeKey transport_key(hsm::Session& signers, std::int64_t day);

// What the module says of its transport key of a day, and who says so.
struct TransportStatement {
  std::string service;                          // docs/serve.md, "Two services"
  Bytes point;                                  // P-256
  Time begins{}, ends{};                        // when what is sealed to it is opened
  Bytes signature;                              // by the key sam-1, over transport_octets()
  std::vector<x509::Certificate> certificates;  // the module's, then its issuer's; none: unsigned
};
Bytes transport_octets(const TransportStatement& statement);
Json statement_json(const TransportStatement& statement);
TransportStatement statement_from_json(const Json& json);  // Error{usage}, {bad_input}
void sign_statement(TransportStatement& statement, crypto::Signer& key);
// Error{policy_refused} where it does not come from an activation module under one of the roots,
// by a path of certificates that are valid now, or is not of now. Does NOT look for revocation.
void check_statement(const TransportStatement& statement,
                     const std::vector<x509::Certificate>& roots, Time now);
// Whether its key is that of now.
bool is_of(const TransportStatement& statement, Time now);

// How far the sealing may lie from now when it is opened.
inline constexpr std::chrono::minutes kSealingSlack{10};

// The octets that cross: nonce (16), u64 milliseconds since 1970, crypto::seal_to() of `plain`.
// What they are for ("authorize", an operation's name) and, for signing, the manifest's SHA-256 are
// sealed along: they open for nothing else.
Bytes seal_factors(ByteView point, ByteView plain, std::string_view purpose,
                   ByteView manifest_sha256, Time now);
struct SealedFactors {
  Bytes nonce;
  Time sealed_at{};
  Bytes octets;   // for crypto::ExchangeKey::open()
  Bytes context;  // with this
};
// Nothing for octets that are too short.
std::optional<SealedFactors> parse_sealed(ByteView octets, std::string_view purpose,
                                          ByteView manifest_sha256);

// Of what is shown once, sealed to the caller of an operation.
Bytes shown_context(std::string_view operation);

}  // namespace tsp::serve
