// The CSC API (Cloud Signature Consortium, v2.0.0.2 and v1.0.4): names, encodings and errors
// (standards: CSC 11.1 to 11.13). What differs between the versions stands here and nowhere else.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "crypto/algorithms.h"
#include "ops/backend.h"
#include "sam/manifest.h"
#include "serve/message.h"

namespace tsp::serve::csc {

enum class Version { v1, v2 };

// Methods that are served, in the order `info` names them.
std::vector<std::string_view> methods(Version version);

struct About {
  std::string name, country;
};
Json info(Version version, const About& about);

// What `credentials/info` tells, as far as the request asks for it.
struct Wanted {
  enum class Certificates { none, single, chain } certificates = Certificates::single;
  bool certificate_info = false, auth_info = false;
};
Wanted wanted_of(const Json& body);
struct CredentialState {
  std::string certificate_status;  // valid, expired, revoked, suspended
  bool enabled = true;
  std::size_t multisign = 1;
};
Json credential_info(Version version, const ops::Credential& credential,
                     const CredentialState& state, const Wanted& wanted);

// The hashes of a request, with their algorithm: named (hashAlgorithmOID, hashAlgo) or told by
// their length. Error{usage} in the words of the specification.
sam::Manifest manifest_of(Version version, const Json& body);
// PIN, one-time code and the like, as the version names them. Unknown ones are Error{usage}.
sam::Presented factors_of(Version version, const Json& body);
// That signAlgo and hash go with the key. Error{usage}.
void check_algorithm(const Json& body, const std::string& key_algorithm,
                     crypto::HashAlgorithm hash);

bool is_path(std::string_view path);
// An error object of ours as one of the specification: {error, error_description}.
Answer error_of(const Answer& answer);
// What refuses a path before a worker is troubled; a method that is not served is 501.
Answer refusal(const Error& error);

}  // namespace tsp::serve::csc
