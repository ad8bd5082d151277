// Authentication objects of the CSC API (8.3.1): what a credential asks for, and what was given.
#include <algorithm>
#include <array>

#include "ops/json_members.h"
#include "sam/seal.h"
#include "serve/csc.h"

namespace tsp::serve::csc {
namespace {

using sam::Factor;

constexpr const char *kPinId = "PIN", *kOtpId = "OTP", *kDeviceId = "DEVICE", *kShareId = "SHARE";

// Of each factor its object, as credentials/info tells it.
struct AuthObject {
  Factor factor;
  const char *type, *id, *label, *format, *generator;
};
constexpr std::array kAuthObjects{
    AuthObject{Factor::pin, "Password", kPinId, "PIN", "A", nullptr},
    AuthObject{Factor::totp, "Password", kOtpId, "One-time code", "N", "totp"},
    AuthObject{Factor::hotp, "Password", kOtpId, "One-time code", "N", "hotp"},
    AuthObject{Factor::ocra, "ChallengeResponse", kOcraId, "Code over the documents", "N", "ocra"},
    AuthObject{Factor::oob, "ChallengeResponse", kCodeId, "Code that was sent", "A", nullptr},
    AuthObject{Factor::device, "ChallengeResponseOOB", kDeviceId, "Device", nullptr, nullptr},
};

sam::Requirement requirement_of(const ops::Credential& credential) {
  return sam::Requirement::parse(credential.factors, credential.scal);
}

// Objects and expression, each object once.
struct Objects {
  Json list = Json::array();
  void add(Json object) {
    for (const Json& each : list)
      if (each.at("id") == object.at("id")) return;
    list.push_back(std::move(object));
  }
};

std::string add_alternative(Objects& objects, const sam::Factors& factors, int scal) {
  std::string expression;
  const auto name = [&](const char* id) {
    expression += (expression.empty() ? "" : " AND ") + std::string(id);
  };
  for (const AuthObject& row : kAuthObjects) {
    if (factors.count(row.factor) == 0) continue;
    Json object = {{"type", row.type}, {"id", row.id}, {"label", row.label}};
    if (row.format != nullptr) object["format"] = row.format;
    if (row.generator != nullptr) object["generator"] = row.generator;
    objects.add(std::move(object));
    name(row.id);
  }
  // What no device brings, the signer's program does.
  if (scal == 2 && factors.count(Factor::device) == 0) {
    objects.add({{"type", "Password"}, {"id", kShareId}, {"label", "Activation file"}});
    name(kShareId);
  }
  return expression;
}

Json auth_v2(const ops::Credential& credential) {
  Objects objects;
  std::vector<std::string> ways;
  const sam::Requirement requirement = requirement_of(credential);
  for (const sam::Factors& factors : requirement.alternatives())
    ways.push_back(add_alternative(objects, factors, credential.scal));
  std::string expression = ways.front();
  if (ways.size() > 1) {
    expression = "(" + ways.front() + ")";
    for (std::size_t at = 1; at < ways.size(); ++at) expression += " OR (" + ways[at] + ")";
  }
  return {{"mode", "explicit"}, {"expression", expression}, {"objects", objects.list}};
}

void add_auth_v1(const ops::Credential& credential, Json& json) {
  const sam::Requirement requirement = requirement_of(credential);
  const sam::Factors& factors = requirement.alternatives().front();
  const bool pin = factors.count(Factor::pin) != 0,
             code = std::any_of(factors.begin(), factors.end(), &sam::is_code);
  json["authMode"] = "explicit";
  json["PIN"] = {{"presence", pin ? "true" : "false"}, {"format", "A"}, {"label", "PIN"}};
  json["OTP"] = {{"presence", code ? "true" : "false"},
                 {"type", "offline"},
                 {"format", "N"},
                 {"label", "One-time code"}};
}

void take(sam::Presented& out, const std::string& id, const std::string& value,
          const std::string& credential) {
  const std::string_view line(value.data(), value.find_last_not_of("\r\n") + 1);
  Secret secret = Secret::copy_of(as_bytes(id == kShareId ? line : std::string_view(value)));
  if (id == kPinId)
    out.pin = std::move(secret);
  else if (id == kOtpId || id == kCodeId || id == kOcraId)
    out.otp = std::move(secret);
  else if (id == kShareId)
    out.share = sam::parse_share_line(secret, credential);
  else
    invalid("Invalid parameter authData: there is no " + id);
}

// An object without a value: what it names comes by another way.
bool comes_elsewhere(const std::string& id) {
  return id == kDeviceId || id == kCodeId || id == kOcraId;
}

}  // namespace

void add_auth(Version version, const ops::Credential& credential, Json& info) {
  if (version == Version::v1)
    add_auth_v1(credential, info);
  else
    info["auth"] = auth_v2(credential);
}

bool knows(const ops::Credential& credential, Factor factor) {
  const sam::Requirement requirement = requirement_of(credential);
  return std::ranges::any_of(requirement.alternatives(), [&](const sam::Factors& factors) {
    return factors.count(factor) != 0;
  });
}

bool knows_bound(const ops::Credential& credential) {
  return knows(credential, Factor::device) || knows(credential, Factor::oob) ||
         knows(credential, Factor::ocra);
}

sam::Presented factors_of(Version version, const Json& body, const std::string& credential) {
  sam::Presented out;
  if (version == Version::v1) {
    for (const char* id : {kPinId, kOtpId})
      if (const auto value = optional_text(body, id)) take(out, id, *value, credential);
    return out;
  }
  const Json* list = ops::find_member(body, "authData");
  if (list == nullptr) return out;
  if (!list->is_array()) missing("array", "authData");
  for (const Json& each : *list) {
    if (!each.is_object()) missing("array", "authData");
    const auto id = optional_text(each, "id"), value = optional_text(each, "value");
    if (!id) missing("string", "id");
    if (value)
      take(out, *id, *value, credential);
    else if (!comes_elsewhere(*id))
      missing("string", "value");
  }
  return out;
}

}  // namespace tsp::serve::csc
