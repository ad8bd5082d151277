#include "serve/csc.h"

#include <algorithm>

#include "ops/backend_json.h"
#include "sam/bare_manifest.h"

namespace tsp::serve::csc {
namespace {

using crypto::HashAlgorithm;

constexpr HashAlgorithm kHashes[] = {HashAlgorithm::sha256, HashAlgorithm::sha384,
                                     HashAlgorithm::sha512};

const char* hashes_name(Version version) {
  return version == Version::v2 ? "hashes" : "hash";
}

const char* algorithm_name(Version version) {
  return version == Version::v2 ? "hashAlgorithmOID" : "hashAlgo";
}

[[noreturn]] void invalid(const std::string& description) {
  throw Error(Fault::usage, description);
}

// "Missing (or invalid type) string parameter X", as the specification words it.
[[noreturn]] void missing(const char* type, const char* name) {
  invalid(std::string("Missing (or invalid type) ") + type + " parameter " + name);
}

std::optional<std::string> optional_text(const Json& body, const char* name) {
  const Json* value = ops::find_member(body, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) missing("string", name);
  return value->get<std::string>();
}

HashAlgorithm hash_of(Version version, const Json& body, std::size_t length) {
  if (const auto oid = optional_text(body, algorithm_name(version))) {
    const auto hash = crypto::hash_of_oid(*oid);
    if (!hash || std::ranges::find(kHashes, *hash) == std::end(kHashes))
      invalid(std::string("Invalid parameter ") + algorithm_name(version));
    return *hash;
  }
  for (const HashAlgorithm hash : kHashes)
    if (crypto::size_of(hash) == length) return hash;
  invalid("Invalid digest value length");
}

}  // namespace

sam::Manifest manifest_of(Version version, const Json& body) {
  const char* name = hashes_name(version);
  const Json* list = ops::find_member(body, name);
  if (list == nullptr || !list->is_array() || list->empty()) missing("array", name);
  std::vector<Bytes> digests;
  for (const Json& each : *list) {
    auto digest = each.is_string() ? from_base64(each.get<std::string>()) : std::nullopt;
    if (!digest) invalid(std::string("Invalid Base64 ") + name + " string parameter");
    digests.push_back(std::move(*digest));
  }
  const HashAlgorithm hash = hash_of(version, body, digests.front().size());
  for (const Bytes& digest : digests)
    if (digest.size() != crypto::size_of(hash)) invalid("Invalid digest value length");
  return sam::bare_manifest(hash, digests);
}

namespace {

void take(sam::Presented& out, const std::string& id, const std::string& value) {
  Secret secret = Secret::copy_of(as_bytes(value));
  if (id == "PIN")
    out.pin = std::move(secret);
  else if (id == "OTP")
    out.otp = std::move(secret);
  else
    invalid("Invalid parameter authData: there is no " + id);
}

}  // namespace

sam::Presented factors_of(Version version, const Json& body) {
  sam::Presented out;
  if (version == Version::v1) {
    for (const char* id : {"PIN", "OTP"})
      if (const auto value = optional_text(body, id)) take(out, id, *value);
    return out;
  }
  const Json* list = ops::find_member(body, "authData");
  if (list == nullptr) return out;
  if (!list->is_array()) missing("array", "authData");
  for (const Json& each : *list) {
    if (!each.is_object()) missing("array", "authData");
    const auto id = optional_text(each, "id"), value = optional_text(each, "value");
    if (!id || !value) missing("string", id ? "value" : "id");
    take(out, *id, *value);
  }
  return out;
}

bool is_path(std::string_view path) {
  return path.starts_with("/csc/");
}

Answer refusal(const Error& error) {
  Answer answer = error_of(failure(0, error));
  if (error.fault == Fault::not_found) answer.status = 501;
  return answer;
}

Answer error_of(const Answer& answer) {
  if (!answer.fault) return answer;
  const FaultRow& row = fault_row(*answer.fault);
  Answer out = answer;
  std::string description = "The request failed";
  try {
    const Json json = parse_json(answer.body, "an error");
    description = ops::error_from_json(json.at("error")).message;
  } catch (const std::exception&) {
    // The description stays general.
  }
  if (*answer.fault == Fault::locked_out) description = "Credential locked";
  out.body = to_bytes(as_bytes(
      dump(Json{{"error", row.csc_error}, {"error_description", std::move(description)}})));
  return out;
}

}  // namespace tsp::serve::csc
