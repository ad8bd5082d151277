// EN 319 102-1, 5.4, the validation process for time-stamps: basic validation of the token with the
// constraints of a time-stamping unit, at the current time.
#pragma once

#include <functional>

#include "cms/timestamp.h"
#include "validation/x509_validation.h"

namespace tsp::validation {

inline constexpr std::string_view kTimestampMalformed = "timestamp.malformed",
                                  kTimestampImprint = "timestamp.imprint-differs",
                                  kTimestampInvalid = "timestamp.invalid";

struct TimestampValidation {
  Conclusion conclusion;
  std::optional<cms::TstInfo> info;
  std::optional<x509::Certificate> unit;
  PathOutcome path;  // of the unit's certificate, at the current time
  ObjectId id;       // of the token's signature value; empty where it cannot be read
  std::optional<cms::SignerInfo> signer;
  // Held, or not, by past signature validation.
  bool past = false;
  std::vector<std::optional<trust::RevocationVerdict>> past_used;
  Time proven{};  // the earliest proof that the token existed
  std::vector<StepResult> steps;
};

// `imprint_of` computes the digest of what the token should be over (5.5, step 3a). The token's
// bytes are hostile. What the token carries becomes part of the evidence.
TimestampValidation validate_timestamp(
    ByteView token, const std::function<Bytes(crypto::HashAlgorithm)>& imprint_of,
    Context& context);

// 5.6.3, step 5 b) and c): past signature validation of the token where its verdict is one that
// proofs of existence can mend, and whether the hash of its imprint could be relied on when the
// token is proven to have existed. Afterwards a token that passed proves what it covers.
void validate_past_timestamp(TimestampValidation& timestamp, Context& context);

}  // namespace tsp::validation
