// The dated suite policy: which algorithms may be used for what, until when (ETSI TS 119 312
// V2.1.1, tables of clauses 5 and 6). One built-in table; a policy file may narrow it.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "crypto/public_key.h"

namespace tsp::crypto {

// Why the algorithm is not acceptable at that moment, or nothing. The text names algorithm and
// date. `at` is the moment judged, not "now".
std::optional<std::string> objection(HashAlgorithm hash, Time at);
std::optional<std::string> objection(const PublicKey& key, Time at);
std::optional<std::string> objection(Scheme scheme, HashAlgorithm hash, const PublicKey& key,
                                     Time at);
// For new certificates the rules are stricter: RSA below 3000 bits and hashes below 256 bits never.
std::optional<std::string> objection_to_issuing(const PublicKey& key, Time at);

}  // namespace tsp::crypto
