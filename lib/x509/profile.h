// Certificate profiles: config/profiles/*.yaml as plain data (docs/formats/profile.md).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "crypto/algorithms.h"
#include "yaml/tree.h"

namespace tsp::x509 {

enum class Role { root, issuing, ocsp, tsa, sam, signer };
enum class SubjectKind { ca, service, natural, legal };

struct Profile {
  std::string name;
  Role role;
  SubjectKind subject;
  std::chrono::seconds lifetime;
  std::chrono::seconds longest_lifetime;
  std::vector<std::string> key_usage;  // RFC 5280 names: digitalSignature, nonRepudiation, …
  std::vector<std::string> extended_key_usage;  // dotted OIDs
  bool extended_key_usage_critical = false;
  std::optional<int> path_length;
  std::vector<std::string> policies;  // dotted OIDs; "test" stands for the TSP's test policy
  std::vector<std::string> required_subject;  // names of Subject's fields
  std::vector<std::string> algorithms;        // names of KeyAlgorithm; empty: all
  bool validity_assured = false;              // adds ext-etsi-valassured-ST-certs and noRevAvail
  bool ocsp_nocheck = false;
  bool destroy_key_on_revocation = false;                 // signers' only
  std::optional<std::chrono::seconds> private_key_usage;  // from notBefore
  std::vector<std::string> qc_statements;  // names; refused unless the configuration backs them
};

// Throws Error{bad_input} with file and line for anything unknown or contradictory.
Profile parse_profile(const yaml::Node& tree);

// What contradicts the standards in a profile: the member to blame and why; nothing when sound.
struct Contradiction {
  std::string member, why;
};
std::optional<Contradiction> find_contradiction(const Profile& profile);

// What the profile claims that a configuration would have to back: policies of ETSI (0.4.0.…) and
// QCStatements. No configuration can declare backing yet, so planning objects to each.
std::vector<std::string> unbacked_claims(const Profile& profile);

}  // namespace tsp::x509
