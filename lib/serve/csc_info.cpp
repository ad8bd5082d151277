// What the CSC API tells of the service and of a credential (11.1, 11.6, 11.7).
#include <algorithm>

#include "ops/backend_json.h"
#include "sam/requirement.h"
#include "serve/csc.h"

namespace tsp::serve::csc {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyAlgorithm;

constexpr const char* kPss = "1.2.840.113549.1.1.10";

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

// What the credential's first way of authorisation asks for.
sam::Factors asked_for(const ops::Credential& credential) {
  const auto policy = sam::Requirement::parse(credential.factors, credential.scal);
  return policy.alternatives().front();
}

bool wants_code(const sam::Factors& factors) {
  return std::any_of(factors.begin(), factors.end(), &sam::is_code);
}

Json auth_v2(const sam::Factors& factors) {
  Json objects = Json::array();
  std::string expression;
  const auto add = [&](Json object) {
    expression += (expression.empty() ? "" : " AND ") + object.at("id").get<std::string>();
    objects.push_back(std::move(object));
  };
  if (factors.count(sam::Factor::pin) != 0)
    add({{"type", "Password"}, {"id", "PIN"}, {"format", "A"}, {"label", "PIN"}});
  if (wants_code(factors))
    add({{"type", "Password"},
         {"id", "OTP"},
         {"format", "N"},
         {"label", "One-time code"},
         {"generator", factors.count(sam::Factor::hotp) != 0 ? "hotp" : "totp"}});
  return {{"mode", "explicit"}, {"expression", expression}, {"objects", objects}};
}

void add_auth_v1(Json& json, const sam::Factors& factors) {
  json["authMode"] = "explicit";
  const bool pin = factors.count(sam::Factor::pin) != 0, code = wants_code(factors);
  json["PIN"] = {{"presence", pin ? "true" : "false"}, {"format", "A"}, {"label", "PIN"}};
  json["OTP"] = {{"presence", code ? "true" : "false"},
                 {"type", "offline"},
                 {"format", "N"},
                 {"label", "One-time code"}};
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
  std::vector<std::string_view> out{"credentials/list", "credentials/info", "credentials/authorize",
                                    "signatures/signHash", "signatures/timestamp"};
  if (version == Version::v2) out.insert(out.begin() + 3, "credentials/authorizeCheck");
  return out;
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
    json["asynchronousOperationMode"] = false;
    json["validationInfo"] = false;
    json["signAlgorithms"] = {
        {"algos", {"1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4", kPss}}};
    json["signature_formats"] = {{"formats", Json::array()}};
    json["conformance_levels"] = Json::array();
  }
  json["methods"] = Json::array();
  for (const auto method : methods(version)) json["methods"].push_back(method);
  return json;
}

Wanted wanted_of(const Json& body) {
  Wanted wanted;
  const auto flag = [&](const char* name) {
    const Json* value = ops::find_member(body, name);
    if (value != nullptr && !value->is_boolean())
      throw Error(Fault::usage, std::string("Missing (or invalid type) boolean parameter ") + name);
    return value != nullptr && value->get<bool>();
  };
  if (const Json* which = ops::find_member(body, "certificates")) {
    const std::string name = which->is_string() ? which->get<std::string>() : "";
    if (name == "none")
      wanted.certificates = Wanted::Certificates::none;
    else if (name == "chain")
      wanted.certificates = Wanted::Certificates::chain;
    else if (name != "single")
      throw Error(Fault::usage, "Invalid parameter certificates");
  }
  wanted.certificate_info = flag("certInfo");
  wanted.auth_info = flag("authInfo");
  return wanted;
}

Json credential_info(Version version, const ops::Credential& credential,
                     const CredentialState& state, const Wanted& wanted) {
  const Shape shape = shape_of(credential.algorithm);
  Json key = {{"status", state.enabled ? "enabled" : "disabled"},
              {"algo", algorithms_of(credential.algorithm)},
              {"len", shape.bits}};
  if (shape.curve != nullptr) key["curve"] = shape.curve;
  const sam::Factors factors = asked_for(credential);
  Json json = {{"description", credential.algorithm + " key of " + credential.user},
               {"key", key},
               {"cert", certificate_json(credential, state, wanted)}};
  if (version == Version::v1)
    add_auth_v1(json, factors);
  else if (wanted.auth_info)
    json["auth"] = auth_v2(factors);
  json["SCAL"] = std::to_string(credential.scal);
  json["multisign"] = state.multisign;
  json["lang"] = "en";
  return json;
}

void check_algorithm(const Json& body, const std::string& key_algorithm,
                     crypto::HashAlgorithm hash) {
  const Json* named = ops::find_member(body, "signAlgo");
  if (named == nullptr || !named->is_string())
    throw Error(Fault::usage, "Missing (or invalid type) string parameter signAlgo");
  const auto key = crypto::parse_key_algorithm(key_algorithm);
  const std::string algorithm = named->get<std::string>();
  const bool rsa = key && crypto::is_rsa(*key);
  const char* of_hash = hash == HashAlgorithm::sha256   ? "1.2.840.10045.4.3.2"
                        : hash == HashAlgorithm::sha384 ? "1.2.840.10045.4.3.3"
                                                        : "1.2.840.10045.4.3.4";
  if (algorithm != (rsa ? kPss : of_hash))
    throw Error(Fault::usage, "Invalid parameter signAlgo",
                "the key and the hash do not go with it");
}

}  // namespace tsp::serve::csc
