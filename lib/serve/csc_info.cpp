// What the CSC API tells of the service and of a credential (11.1, 11.6, 11.7).
#include <algorithm>

#include "ops/json_members.h"
#include "serve/csc.h"

namespace tsp::serve::csc {
namespace {

using crypto::KeyAlgorithm;

// Signature algorithms of a key, the preferred first.
std::vector<std::string> algorithms_of(const std::string& key_algorithm) {
  const auto key = crypto::parse_key_algorithm(key_algorithm);
  if (key && crypto::is_rsa(*key)) return {kPss};
  switch (key.value_or(KeyAlgorithm::ecdsa_p256)) {
    case KeyAlgorithm::ecdsa_p384:
      return {"1.2.840.10045.4.3.3"};
    case KeyAlgorithm::ecdsa_p521:
      return {"1.2.840.10045.4.3.4"};
    default:
      return {"1.2.840.10045.4.3.2"};
  }
}

struct Shape {
  int bits;
  const char* curve;
};
Shape shape_of(const std::string& key_algorithm) {
  switch (crypto::parse_key_algorithm(key_algorithm).value_or(KeyAlgorithm::ecdsa_p256)) {
    case KeyAlgorithm::ecdsa_p384:
      return {384, "1.3.132.0.34"};
    case KeyAlgorithm::ecdsa_p521:
      return {521, "1.3.132.0.35"};
    case KeyAlgorithm::rsa_3072:
      return {3072, nullptr};
    case KeyAlgorithm::rsa_4096:
      return {4096, nullptr};
    default:
      return {256, "1.2.840.10045.3.1.7"};
  }
}

Json certificate_json(const ops::Credential& credential, const CredentialState& state,
                      const Wanted& wanted) {
  const x509::Certificate& certificate = credential.certificate.value();
  Json json = {{"status", state.certificate_status}};
  if (wanted.certificates != Wanted::Certificates::none) {
    Json list = Json::array({to_base64(certificate.der())});
    if (wanted.certificates == Wanted::Certificates::chain)
      for (const auto& each : credential.chain) list.push_back(to_base64(each.der()));
    json["certificates"] = std::move(list);
  }
  if (wanted.certificate_info) {
    json["issuerDN"] = certificate.issuer();
    json["serialNumber"] = credential.certificate_serial;
    json["subjectDN"] = certificate.subject();
    json["validFrom"] = to_generalized_time(certificate.not_before());
    json["validTo"] = to_generalized_time(certificate.not_after());
  }
  return json;
}

}  // namespace

std::vector<std::string_view> methods(Version version) {
  if (version == Version::v1)
    return {"credentials/list",      "credentials/info",
            "credentials/authorize", "credentials/extendTransaction",
            "signatures/signHash",   "signatures/timestamp"};
  return {"credentials/list",           "credentials/info",         "credentials/authorize",
          "credentials/authorizeCheck", "credentials/getChallenge", "credentials/extendTransaction",
          "signatures/signHash",        "signatures/signDoc",       "signatures/signPolling",
          "signatures/timestamp"};
}

Json info(Version version, const About& about) {
  Json json = {{"specs", version == Version::v2 ? "2.0.0.0" : "1.0.4.0"},
               {"name", about.name},
               {"logo", ""},
               {"region", about.country},
               {"lang", "en"},
               {"description", "Remote signing and time-stamps of " + about.name},
               {"authType", Json::array({"external"})}};
  if (version == Version::v2) {
    json["asynchronousOperationMode"] = true;
    json["validationInfo"] = true;
    json["signAlgorithms"] = {
        {"algos", {"1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4", kPss}}};
    json["signature_formats"] = {
        {"formats", {"P", "C"}},
        {"envelope_properties",
         {Json::array({"Certification", "Revision"}), Json::array({"Detached"})}}};
    json["conformance_levels"] = {"AdES-B-B", "AdES-B-T", "AdES-B-LT"};
    if (about.documents) json["conformance_levels"].push_back("AdES-B-LTA");
  }
  json["methods"] = Json::array();
  for (const auto method : methods(version)) json["methods"].push_back(method);
  return json;
}

Wanted wanted_of(const Json& body) {
  Wanted wanted;
  if (const Json* which = ops::find_member(body, "certificates")) {
    const std::string name = which->is_string() ? which->get<std::string>() : "";
    if (name == "none")
      wanted.certificates = Wanted::Certificates::none;
    else if (name == "chain")
      wanted.certificates = Wanted::Certificates::chain;
    else if (name != "single")
      invalid("Invalid parameter certificates");
  }
  wanted.certificate_info = flag_parameter(body, "certInfo");
  wanted.auth_info = flag_parameter(body, "authInfo");
  return wanted;
}

Json credential_info(Version version, const ops::Credential& credential,
                     const CredentialState& state, const Wanted& wanted) {
  const Shape shape = shape_of(credential.algorithm);
  Json key = {{"status", state.enabled ? "enabled" : "disabled"},
              {"algo", algorithms_of(credential.algorithm)},
              {"len", shape.bits}};
  if (shape.curve != nullptr) key["curve"] = shape.curve;
  Json json = {{"description", credential.algorithm + " key of " + credential.user},
               {"key", key},
               {"cert", certificate_json(credential, state, wanted)}};
  if (version == Version::v1 || wanted.auth_info) add_auth(version, credential, json);
  json["SCAL"] = std::to_string(credential.scal);
  json["multisign"] = state.multisign;
  json["lang"] = "en";
  return json;
}

}  // namespace tsp::serve::csc
