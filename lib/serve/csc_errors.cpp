// Errors in the words and with the statuses of the CSC API (10.1, 10.2 and each method's table).
#include <array>

#include "ops/error_json.h"
#include "sam/sam.h"
#include "serve/csc.h"
#include "serve/router.h"

namespace tsp::serve::csc {
namespace {

constexpr const char *kInvalidRequest = "invalid_request", *kSignDoc = "signatures/signDoc";
constexpr std::string_view kPathV1 = "/csc/v1/", kPathV2 = "/csc/v2/";

struct Told {
  int status;
  std::string error, description;
};

// By what the activation module puts on record (docs/formats/factors.md).
struct Reason {
  std::string_view reason;
  const char* description;
};
constexpr std::array kReasons{
    Reason{"approval-unknown", "Invalid parameter SAD"},
    Reason{"approval-of-another", "Invalid parameter SAD"},
    Reason{"approval-expired", "SAD expired"},
    Reason{"hash-not-approved", "Hash is not authorized by the SAD"},
    Reason{"too-many-signatures", "Numbers of signatures is too high"},
    Reason{"manifest-too-long", "Numbers of signatures is too high"},
    Reason{"certificate-expired", "Signing certificate is expired"},
    Reason{"certificate-revoked", "The credential identified by credentialID is disabled"},
    Reason{"certificate-missing", "The credential identified by credentialID is disabled"},
    Reason{"key-not-active", "The credential identified by credentialID is disabled"},
    Reason{"signer-suspended", "The credential identified by credentialID is disabled"},
    Reason{"signer-not-active", "The credential identified by credentialID is disabled"},
    Reason{"group-suspended", "The credential identified by credentialID is disabled"},
};

// Statuses that the API does not know are what they come nearest to.
int status_of(int status) {
  return status == 404 || status == 409 ? 400 : status;
}

Told by_fault(std::optional<Version> version, Fault fault, int status, std::string description) {
  if (fault == Fault::locked_out) return {400, kInvalidRequest, "Credential locked"};
  if (fault == Fault::factor_refused && version == Version::v2)
    return {400, "invalid_authentication_data", "The authentication data is invalid"};
  return {status_of(status), std::string(fault_row(fault).csc_error), std::move(description)};
}

Told told(Version version, std::string_view method, const Error& error) {
  const auto* refused = dynamic_cast<const sam::Refused*>(&error);
  if (refused != nullptr && refused->reason == "hash-not-approved" && method == kSignDoc)
    return {403, "invalid_hash", "Document or documentDigest does not match authorized hash"};
  if (refused != nullptr)
    for (const Reason& row : kReasons)
      if (row.reason == refused->reason) return {400, kInvalidRequest, row.description};
  return by_fault(version, error.fault, fault_row(error.fault).http_status, error.message);
}

void write(Answer& answer, const Told& told) {
  answer.status = told.status;
  answer.body = to_bytes(
      as_bytes(dump(Json{{"error", told.error}, {"error_description", told.description}})));
}

}  // namespace

bool is_path(std::string_view path) {
  return path.starts_with("/csc/");
}

std::optional<Version> version_of(std::string_view path) {
  if (path.starts_with(kPathV1)) return Version::v1;
  if (path.starts_with(kPathV2)) return Version::v2;
  return std::nullopt;
}

Answer failure(Version version, std::string_view method, const Error& error) {
  Answer answer = serve::failure(0, error);
  write(answer, told(version, method, error));
  return answer;
}

Answer error_of(const Answer& answer, std::string_view path, bool key_shown) {
  if (!answer.fault) return answer;
  Answer out = answer;
  std::string description = "The request failed";
  try {
    const Json json = parse_json(answer.body, "an error");
    if (json.at("error").is_string()) return out;
    description = ops::error_from_json(json.at("error")).message;
  } catch (const std::exception&) {
    // The description stays general.
  }
  write(out, by_fault(version_of(path), *answer.fault, answer.status, std::move(description)));
  // RFC 6750 3: who shows no key is told how; a key that nobody has is no key.
  if (*answer.fault == Fault::not_permitted && key_shown) {
    write(out, {401, "invalid_token", "The API key is not accepted"});
    out.challenge = "Bearer realm=\"tsp\", error=\"invalid_token\"";
  }
  return out;
}

Answer refusal(const Error& error, std::string_view path) {
  Answer answer = serve::refusal(error);
  Answer out = error_of(answer, path, false);
  if (error.fault == Fault::not_found && version_of(path))
    write(out, {501, kInvalidRequest, "The method is not implemented"});
  if (error.fault == Fault::not_found && !version_of(path)) out.status = answer.status;
  return out;
}

}  // namespace tsp::serve::csc
