// The algorithms of certificates and revocation information against the suite, each at the moment
// by which it is proven to have existed (EN 319 102-1, 5.5 step 10 and 5.6.2.4 step 4). Internal to
// the room.
#pragma once

#include "validation/x509_validation.h"

namespace tsp::validation {

// Why a piece of evidence cannot be relied on: its algorithms had left the suite before it is
// proven to have existed. Nothing where the policy does not fail for algorithms.
std::optional<std::string> weakness_of(const trust::Piece& piece, const Context& context);

// passed, or CRYPTO_CONSTRAINTS_FAILURE_NO_POE.
Conclusion check_strength(const PathOutcome& path, const Context& context);

}  // namespace tsp::validation
