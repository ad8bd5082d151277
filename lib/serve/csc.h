// The CSC API (Cloud Signature Consortium, v2.0.0.2 and v1.0.4): names, encodings and errors
// (standards: CSC 10.2, 11.1 to 11.13). What differs between the versions stands here and nowhere
// else. Pure: nothing here asks store or HSM.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "crypto/algorithms.h"
#include "ops/backend.h"
#include "sam/manifest.h"
#include "sam/requirement.h"
#include "serve/message.h"

namespace tsp::serve::csc {

enum class Version { v1, v2 };

inline constexpr const char* kPss = "1.2.840.113549.1.1.10";  // id-RSASSA-PSS

// Methods that are served, in the order `info` names them.
std::vector<std::string_view> methods(Version version);

struct About {
  std::string name, country;
  bool documents = false;  // signDoc takes whole ones
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

// --- csc_parameters.cpp: members of a request. Error{usage} in the words of the specification. A
// member that is null is absent.
[[noreturn]] void invalid(const std::string& description);
[[noreturn]] void missing(const char* type, const char* name);
std::string text_parameter(const Json& body, const char* name);
std::optional<std::string> optional_text(const Json& body, const char* name);
bool flag_parameter(const Json& body, const char* name);
// clientData, lang and description, which every method may have and none acts on.
void check_common(const Json& body);
// The hashes of a request, with their algorithm: named (hashAlgorithmOID, hashAlgo) or told by
// their length.
sam::Manifest manifest_of(Version version, const Json& body);
std::vector<Bytes> hashes_of(const Json& entry, const char* name);
crypto::HashAlgorithm hash_of(Version version, const Json& body, std::size_t length);
// The hash that a signature algorithm names; nothing: it names none.
std::optional<crypto::HashAlgorithm> hash_of_signature(const std::string& oid);
// That signAlgo, its parameters and the hash go with the key.
void check_algorithm(const Json& body, const std::string& key_algorithm,
                     crypto::HashAlgorithm hash);
// Whether the answer is to be fetched later, and for how long it is kept then.
std::optional<std::chrono::milliseconds> later_of(const Json& body);

// --- csc_factors.cpp: what authorises a credential (8.3.1). Ids of authentication objects:
// PIN; OTP (TOTP, HOTP); CODE (sent out of band) and OCRA, both over the documents; DEVICE; SHARE,
// the line of an activation file.
inline constexpr const char* kCodeId = "CODE";
inline constexpr const char* kOcraId = "OCRA";
void add_auth(Version version, const ops::Credential& credential, Json& info);
// PIN, one-time code and the like, as the version names them. An object without a value, or with
// DEVICE, says that it comes from elsewhere.
sam::Presented factors_of(Version version, const Json& body, const std::string& credential);
// Whether some way of authorisation has the factor.
bool knows(const ops::Credential& credential, sam::Factor factor);
bool knows_bound(const ops::Credential& credential);  // some factor that is bound to documents

// --- csc_errors.cpp
bool is_path(std::string_view path);
std::optional<Version> version_of(std::string_view path);  // nothing: there is no such version
// An error of the worker as the specification has it, {error, error_description}, for a method
// ("signatures/signDoc").
Answer failure(Version version, std::string_view method, const Error& error);
// An error object of ours as one of the specification; one that is that already stays. `key_shown`:
// whether the caller showed an API key.
Answer error_of(const Answer& answer, std::string_view path, bool key_shown);
// What refuses a path before a worker is troubled; a method that is not served is 501.
Answer refusal(const Error& error, std::string_view path);

}  // namespace tsp::serve::csc
