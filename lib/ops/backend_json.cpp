#include "ops/backend_json.h"

#include <algorithm>

#include "ops/error_json.h"

namespace tsp::ops {
namespace {

[[noreturn]] void member_not_understood(const char* member, const char* why) {
  throw Error(Fault::usage, std::string("the member ") + member + " " + why, "",
              "nothing was signed");
}

const Json& member_at(const Json& json, const char* member) {
  const Json* found = find_member(json, member);
  if (found == nullptr) member_not_understood(member, "is not given");
  return *found;
}

x509::Certificate certificate_at(const Json& json, const char* member) {
  return x509::Certificate::from_der(octets_at(json, member));
}

Json certificates_json(const std::vector<x509::Certificate>& certificates) {
  Json list = Json::array();
  for (const auto& each : certificates) list.push_back(to_base64(each.der()));
  return list;
}

// Each entry of a list of base64.
template <class Take>
void each_octets(const Json& json, const char* member, Take take) {
  const Json& list = member_at(json, member);
  if (!list.is_array()) member_not_understood(member, "is no list");
  for (const Json& entry : list) {
    const auto octets = entry.is_string() ? from_base64(entry.get<std::string>()) : std::nullopt;
    if (!octets) member_not_understood(member, "holds what is no base64");
    take(*octets);
  }
}

std::vector<x509::Certificate> certificates_at(const Json& json, const char* member) {
  std::vector<x509::Certificate> out;
  each_octets(json, member,
              [&](const Bytes& der) { out.push_back(x509::Certificate::from_der(der)); });
  return out;
}

}  // namespace

const Json* find_member(const Json& json, const char* member) {
  if (!json.is_object()) throw Error(Fault::usage, "the request is no JSON object");
  const auto found = json.find(member);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

std::string text_at(const Json& json, const char* member) {
  const Json& value = member_at(json, member);
  if (!value.is_string()) member_not_understood(member, "is no text");
  return value.get<std::string>();
}

Bytes octets_at(const Json& json, const char* member) {
  auto octets = from_base64(text_at(json, member));
  if (!octets) member_not_understood(member, "is no base64");
  return std::move(*octets);
}

std::int64_t integer_at(const Json& json, const char* member) {
  const Json& value = member_at(json, member);
  if (!value.is_number_integer() ||
      (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX))
    member_not_understood(member, "is no whole number");
  return value.get<std::int64_t>();
}

namespace {

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

Error error_from_json(const Json& json) {
  const auto text = [&](const char* member) {
    const auto found = json.is_object() ? json.find(member) : json.end();
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  Fault fault = Fault::failed;
  const std::string code = text("code");
  for (int at = 0; at <= static_cast<int>(kLastFault); ++at)
    if (fault_row(static_cast<Fault>(at)).name == code) fault = static_cast<Fault>(at);
  const std::string message = text("message");
  std::optional<std::uint64_t> seq;
  if (json.is_object() && json.contains("audit_seq") && json["audit_seq"].is_number_unsigned())
    seq = json["audit_seq"].get<std::uint64_t>();
  return Error(fault, message.empty() ? "the server failed" : message, "", text("hint"), seq);
}

namespace {

// One octet for each part that is there, then its field.
enum class FactorPart : std::uint8_t { pin = 1, otp, request, answer, share, machine, answer_key };

}  // namespace

Secret encode(const sam::Presented& factors) {
  const Secret key = factors.answer_key ? factors.answer_key->private_octets() : Secret(Bytes());
  const auto size_of = [](const std::optional<Secret>& secret) {
    return secret ? secret->size() + 5 : 0;
  };
  Bytes out;
  out.reserve(64 + size_of(factors.pin) + size_of(factors.otp) + factors.request.size() +
              factors.answer.size() + size_of(factors.share) + size_of(factors.machine) +
              key.size());
  const auto put = [&](FactorPart part, ByteView octets) {
    out.push_back(static_cast<std::uint8_t>(part));
    append_field(out, octets);
  };
  if (factors.pin) put(FactorPart::pin, factors.pin->view());
  if (factors.otp) put(FactorPart::otp, factors.otp->view());
  if (!factors.request.empty()) put(FactorPart::request, factors.request);
  if (!factors.answer.empty()) put(FactorPart::answer, factors.answer);
  if (factors.share) put(FactorPart::share, factors.share->view());
  if (factors.machine) put(FactorPart::machine, factors.machine->view());
  if (!key.empty()) put(FactorPart::answer_key, key.view());
  return Secret(std::move(out));
}

sam::Presented decode_presented(ByteView octets) {
  sam::Presented out;
  ByteReader reader(octets);
  std::uint8_t last = 0;
  while (reader.left() > 0) {
    const auto part = reader.u8();
    const auto field = reader.field();
    if (!part || !field || *part <= last)
      throw Error(Fault::bad_input, "the factors are not what they should be", "",
                  "nothing was signed");
    last = *part;
    switch (static_cast<FactorPart>(*part)) {
      case FactorPart::pin:
        out.pin = Secret::copy_of(*field);
        break;
      case FactorPart::otp:
        out.otp = Secret::copy_of(*field);
        break;
      case FactorPart::request:
        out.request = to_bytes(*field);
        break;
      case FactorPart::answer:
        out.answer = to_bytes(*field);
        break;
      case FactorPart::share:
        out.share = Secret::copy_of(*field);
        break;
      case FactorPart::machine:
        out.machine = Secret::copy_of(*field);
        break;
      case FactorPart::answer_key:
        out.answer_key = std::make_shared<const crypto::ExchangeKey>(
            crypto::ExchangeKey::from_private(Secret::copy_of(*field)));
        break;
      default:
        throw Error(Fault::bad_input, "the factors are of a kind that is not known", "",
                    "nothing was signed");
    }
  }
  return out;
}

}  // namespace tsp::ops
