// Path validation at a moment (RFC 5280 section 6; EN 319 102-1, 5.2.6 without revocation, which is
// trust/revocation.h's question for each certificate of the chain).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/suite.h"
#include "trust/anchors.h"

namespace tsp::trust {

// Ids of findings: part of reports, never renamed, never reused.
inline constexpr std::string_view kNoPath = "path.no-path", kExpired = "path.expired",
                                  kNotYetValid = "path.not-yet-valid",
                                  kBadSignature = "path.bad-signature", kNotCa = "path.not-a-ca",
                                  kPathLength = "path.path-length", kKeyUsage = "path.key-usage",
                                  kPurpose = "path.purpose",
                                  kNameConstraints = "path.name-constraints",
                                  kPolicy = "path.policy",
                                  kCriticalExtension = "path.critical-extension",
                                  kMalformed = "path.not-rfc5280", kWeak = "path.weak-algorithm",
                                  kInvalid = "path.invalid";  // whatever has no id of its own

struct PathFinding {
  std::string_view id;
  std::size_t depth;   // whose: index in the chain, 0 the leaf
  std::string detail;  // for people
};

enum class Usage { any, timestamping };
// Whether algorithms and key sizes of all certificates are judged, by crypto::objection at the
// moment: the signature of every certificate below the anchor, and every key.
enum class Strength { judge, leave };
enum class Explicit { no, yes };
// What RFC 5280 section 4 binds issuers to and section 6 does not ask for (key identifiers, key
// usage of a CA, …; finding kMalformed): a finding, or passed over.
enum class Form { strict, lenient };

struct PathRules {
  Usage usage = Usage::any;
  Strength strength = Strength::judge;
  crypto::Suite suite{};
  Form form = Form::strict;
  // RFC 5280 section 6.1.1: initial policy set (dotted; empty: any policy) and indicators.
  std::vector<std::string> policies;
  Explicit explicit_policy = Explicit::no;
  Explicit inhibit_mapping = Explicit::no;
  Explicit inhibit_any_policy = Explicit::no;
  // initial-permitted-subtrees and initial-excluded-subtrees, for every certificate below the
  // anchor but self-issued authorities: "email:example.com", "dns:example.com",
  // "dir:C=LU,O=Example" (no commas or equals signs inside values). See parse_subtree().
  std::vector<std::string> permitted, excluded;
};
// Whether a subtree can be understood.
bool is_subtree(const std::string& text);

struct PathVerdict {
  bool ok = false;
  // Leaf to anchor; when nothing is found, as far as issuers were, and the finding kNoPath, with
  // kBadSignature before it where a certificate has the next issuer's name but not its key.
  std::vector<x509::Certificate> chain;
  std::vector<PathFinding> findings;  // empty exactly when ok
  bool has(std::string_view id) const;
};

// Looks for paths from the leaf through `pool` (hostile: order and repetition do not matter, false
// certificates of the right name, up to 256, do not hide true ones) to an anchor, and judges each
// until one is good; otherwise the verdict is of the one with the fewest findings. Every
// certificate, the anchor included, must be in its validity at `at` (notAfter is the last valid
// second). An anchor need not be self-signed; extensions that an anchor lacks are no finding. At
// most ten certificates a path.
// Only anchors that count at `at` are anchors: for Service::timestamps with Usage::timestamping,
// else for Service::certificates.
// Does NOT judge revocation.
PathVerdict verify_path(const x509::Certificate& leaf, const std::vector<x509::Certificate>& pool,
                        const TrustStore& store, Time at, const PathRules& rules = {});

}  // namespace tsp::trust
