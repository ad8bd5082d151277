// What crosses a socket of ops::Backend's work, as JSON, and what of it is secret, as octets to be
// sealed. The reading side takes it for hostile: Error{usage} names the member, {bad_input} is for
// octets.
#pragma once

#include "base/json.h"
#include "ops/backend.h"

namespace tsp::ops {

// Of a credential whose certificate is there: one-shot credentials do not cross.
Json to_json(const Credential& credential);
Credential credential_from_json(const Json& json);
// A credential of which only user, key and certificate are told: what the SAM needs.
Json brief_json(const Credential& credential);
Credential credential_from_brief(const Json& json);

Json manifest_json(const sam::Manifest& manifest);
sam::Manifest manifest_from_json(const Json& json);

Json to_json(const sam::Asked& asked);  // without the code and the key
sam::Asked asked_from_json(const Json& json);

Json to_json(const sam::Signature& signature);
sam::Signature signature_from_json(const Json& json);

Json to_json(const OwnEvidence& evidence);
OwnEvidence evidence_from_json(const Json& json);

Json to_json(const OneShotSigned& made);
OneShotSigned one_shot_signed_from_json(const Json& json);
// A key for which one process asks another to make the certificate (sam::OneShotKey, owning what
// that points to).
struct WantedOneShot {
  std::string id, signer;
  crypto::PublicKey public_key;
  sam::OneShot approved;
};
Json to_json(const sam::OneShotKey& key);
WantedOneShot wanted_one_shot_from_json(const Json& json);

// The error object back as an Error; what is none of ours is Error{failed}.
Error error_from_json(const Json& json);

// Factors as octets: never in JSON, sealed before they leave the process.
Secret encode(const sam::Presented& factors);
sam::Presented decode_presented(ByteView octets);

// --- members of JSON from elsewhere. Error{usage} names the member.
std::string text_at(const Json& json, const char* member);
Bytes octets_at(const Json& json, const char* member);  // base64
std::int64_t integer_at(const Json& json, const char* member);
const Json* find_member(const Json& json, const char* member);  // nullptr: absent or null

}  // namespace tsp::ops
