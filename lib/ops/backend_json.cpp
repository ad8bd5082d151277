#include "ops/backend_json.h"

#include "ops/error_json.h"
#include "ops/json_members.h"

namespace tsp::ops {
namespace {

x509::Certificate certificate_at(const Json& json, const char* member) {
  return x509::Certificate::from_der(octets_at(json, member));
}

Json certificates_json(const std::vector<x509::Certificate>& certificates) {
  Json list = Json::array();
  for (const auto& each : certificates) list.push_back(to_base64(each.der()));
  return list;
}

std::vector<x509::Certificate> certificates_at(const Json& json, const char* member) {
  std::vector<x509::Certificate> out;
  each_octets(json, member,
              [&](const Bytes& der) { out.push_back(x509::Certificate::from_der(der)); });
  return out;
}

Json one_shot_json(const sam::OneShot& one_shot) {
  return {{"subject", one_shot.subject},
          {"algorithm", one_shot.algorithm},
          {"seconds", one_shot.seconds},
          {"scal", one_shot.scal}};
}

sam::OneShot one_shot_from_json(const Json& json) {
  return {text_at(json, "subject"), text_at(json, "algorithm"),
          static_cast<std::uint32_t>(integer_at(json, "seconds")),
          static_cast<int>(integer_at(json, "scal"))};
}

// Neither of a credential that is yet to be made.
template <class Read>
auto optional_at(const Json& json, const char* member, Read read)
    -> std::optional<decltype(read())> {
  if (find_member(json, member) == nullptr) return std::nullopt;
  return read();
}

}  // namespace

Json to_json(const Credential& credential) {
  Json json = brief_json(credential);
  json["algorithm"] = credential.algorithm;
  json["certificate_serial"] = credential.certificate_serial;
  json["scal"] = credential.scal;
  json["factors"] = credential.factors;
  json["common_name"] = credential.common_name;
  json["one_shot"] = credential.one_shot ? one_shot_json(*credential.one_shot) : Json(nullptr);
  json["chain"] = certificates_json(credential.chain);
  return json;
}

Credential credential_from_json(const Json& json) {
  Credential out = credential_from_brief(json);
  out.algorithm = text_at(json, "algorithm");
  out.certificate_serial = text_at(json, "certificate_serial");
  out.scal = static_cast<int>(integer_at(json, "scal"));
  out.factors = text_at(json, "factors");
  out.common_name = text_at(json, "common_name");
  out.chain = certificates_at(json, "chain");
  out.one_shot =
      optional_at(json, "one_shot", [&] { return one_shot_from_json(json.at("one_shot")); });
  return out;
}

Json brief_json(const Credential& credential) {
  return {{"user", credential.user},
          {"key", credential.key},
          {"certificate", credential.certificate ? Json(to_base64(credential.certificate->der()))
                                                 : Json(nullptr)}};
}

Credential credential_from_brief(const Json& json) {
  Credential out;
  out.user = text_at(json, "user");
  out.key = text_at(json, "key");
  out.certificate =
      optional_at(json, "certificate", [&] { return certificate_at(json, "certificate"); });
  return out;
}

Json to_json(const OneShotSigned& made) {
  Json signatures = Json::array();
  for (const auto& signature : made.signatures) signatures.push_back(to_json(signature));
  return {{"key", made.key},
          {"certificate", to_base64(made.certificate.der())},
          {"signatures", signatures}};
}

OneShotSigned one_shot_signed_from_json(const Json& json) {
  OneShotSigned out{text_at(json, "key"), certificate_at(json, "certificate"), {}};
  for (const Json& each : member_at(json, "signatures"))
    out.signatures.push_back(signature_from_json(each));
  return out;
}

Json to_json(const sam::OneShotKey& key) {
  return {{"id", key.id},
          {"signer", key.signer},
          {"spki", to_base64(key.public_key.spki())},
          {"approved", one_shot_json(key.approved)}};
}

WantedOneShot wanted_one_shot_from_json(const Json& json) {
  return {text_at(json, "id"), text_at(json, "signer"),
          crypto::PublicKey::from_spki(octets_at(json, "spki")),
          one_shot_from_json(member_at(json, "approved"))};
}

Json manifest_json(const sam::Manifest& manifest) {
  return to_base64(sam::encode(manifest));
}

sam::Manifest manifest_from_json(const Json& json) {
  return sam::decode_manifest(octets_at(json, "manifest"));
}

Json to_json(const sam::Asked& asked) {
  Json questions = Json::array();
  for (const auto& question : asked.questions)
    questions.push_back(to_base64(sam::encode(question)));
  return {{"request", to_base64(sam::encode(asked.request))},
          {"questions", questions},
          {"audit_seq", asked.audit_seq}};
}

sam::Asked asked_from_json(const Json& json) {
  sam::Asked asked;
  asked.request = sam::decode_request(octets_at(json, "request"));
  each_octets(json, "questions", [&](const Bytes& octets) {
    asked.questions.push_back(sam::decode_question(octets));
  });
  asked.audit_seq = integer_at(json, "audit_seq");
  return asked;
}

Json to_json(const sam::Signature& signature) {
  if (signature.error) return {{"error", error_json(*signature.error)}};
  return {{"value", to_base64(signature.value)},
          {"dtbs", to_base64(signature.dtbs)},
          {"audit_seq", signature.audit_seq}};
}

sam::Signature signature_from_json(const Json& json) {
  sam::Signature signature;
  if (const Json* error = find_member(json, "error")) {
    signature.error = error_from_json(*error);
    return signature;
  }
  signature.value = octets_at(json, "value");
  signature.dtbs = octets_at(json, "dtbs");
  signature.audit_seq = integer_at(json, "audit_seq");
  return signature;
}

Json to_json(const OwnEvidence& evidence) {
  Json crls = Json::array();
  for (const Bytes& crl : evidence.crls) crls.push_back(to_base64(crl));
  return {{"authorities", certificates_json(evidence.authorities)},
          {"ocsp_response", to_base64(evidence.ocsp_response)},
          {"crls", crls}};
}

OwnEvidence evidence_from_json(const Json& json) {
  OwnEvidence out;
  out.authorities = certificates_at(json, "authorities");
  out.ocsp_response = octets_at(json, "ocsp_response");
  each_octets(json, "crls", [&](const Bytes& der) { out.crls.push_back(der); });
  return out;
}

}  // namespace tsp::ops
