// The signature validation policy (EN 319 102-1, 5.1.4: the constraints that a validation obeys):
// config/validation/*.yaml as plain data (docs/formats/validation-policy.md).
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "crypto/suite.h"
#include "yaml/tree.h"

namespace tsp::validation {

// What becomes of a constraint that is not met: it counts against the signature, is told, or not.
enum class Level { ignore, inform, warn, fail };

// Constraints whose level a policy sets. Everything else the standard asks for cannot be softened.
enum class Rule {
  algorithms,            // the dated suite
  baseline,              // the signature has the shape of a baseline signature
  certificate_identity,  // the unsigned identifier names the signed certificate, too
  claimed_time,          // the claimed signing time is not later than the proven one
  key_usage,             // the signer's key is one for signatures
  revocation,            // the status of every certificate is known
  revocation_freshness,  // 5.2.5
  signature_policy,      // a signature policy that the signature names is an accepted one
  timestamp_delay,       // 5.5 step 5
  timestamp_order,       // 5.5 step 4 e)
  timestamps,            // every time-stamp holds
};
inline constexpr std::size_t kRules = 11;
std::string_view name_of(Rule rule);  // "timestamp_order", …

struct Policy {
  std::string name = "built-in";
  std::string description;
  std::array<Level, kRules> levels{};  // set by the constructor
  Level level(Rule rule) const { return levels[static_cast<std::size_t>(rule)]; }

  // What 5.2.6 demands of a path (RFC 5280 section 6.1.1), of signers and of time-stamping units.
  struct Path {
    std::vector<std::string> policies;  // dotted; empty: any
    bool explicit_policy = false, inhibit_policy_mapping = false, inhibit_any_policy = false;
    std::vector<std::string> permitted, excluded;  // subtrees: trust::PathRules
  };
  Path signers, timestamps;

  // 5.2.5: the greatest age of revocation information; nothing: its own nextUpdate - thisUpdate.
  std::optional<std::chrono::seconds> max_age, timestamp_max_age;

  std::string least_level;                      // "B-T"; empty: none
  std::vector<std::string> signature_policies;  // accepted ones, dotted
  std::optional<std::chrono::seconds> delay;    // of a time-stamp behind the claimed time
  std::chrono::seconds tolerance{60};           // of clocks that disagree
  crypto::Suite suite;

  // Anchors that were trusted for a time only.
  struct Sunset {
    std::string sha256;  // hex, of the certificate's DER
    Time until{};
  };
  std::vector<Sunset> sunsets;

  Policy();
};

// Error{bad_input} with file and line for whatever is unknown, of another shape, or contradictory.
Policy parse_policy(const yaml::Node& tree);

}  // namespace tsp::validation
