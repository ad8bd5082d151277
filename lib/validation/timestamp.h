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
  PathOutcome path;  // of the unit's certificate
};

// `imprint_of` computes the digest of what the token should be over (5.5, step 3a). The token's
// bytes are hostile.
TimestampValidation validate_timestamp(
    ByteView token, const std::function<Bytes(crypto::HashAlgorithm)>& imprint_of,
    Context& context);

}  // namespace tsp::validation
