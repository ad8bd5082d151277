// What crosses a socket of ops::Backend's work, as JSON; what of it is secret: factor_octets.h. The
// reading side takes it for hostile: Error{usage} names the member, {bad_input} is for octets.
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

}  // namespace tsp::ops
