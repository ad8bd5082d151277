// Authorisation of a credential by the CSC API (11.6 to 11.9).
#include <algorithm>

#include "ops/factor_octets.h"
#include "ops/json_members.h"
#include "sam/factors.h"
#include "serve/desk_csc.h"
#include "store/rows.h"

namespace tsp::serve {
namespace {

constexpr std::string_view kHandleContext = "tsp csc handle 1";
constexpr int kAccepted = 202;

// What waits for the signer.
struct Handle {
  std::string user, key;
  sam::Manifest manifest;
  sam::Presented factors;
};

Secret encode_handle(const ops::Credential& credential, const sam::Manifest& manifest,
                     const sam::Presented& factors) {
  const Secret presented = ops::encode(factors);
  const Bytes documents = sam::encode(manifest);
  Bytes plain;
  plain.reserve(64 + presented.size() + documents.size() + credential.user.size() +
                credential.key.size());
  append_field(plain, as_bytes(credential.user));
  append_field(plain, as_bytes(credential.key));
  append_field(plain, documents);
  append_field(plain, presented.view());
  return Secret(std::move(plain));
}

Handle handle_of(hsm::Session& hsm, const std::string& text) {
  const auto sealed = from_base64(text);
  const auto opened =
      sealed ? hsm.open(sam::kSeedKey, *sealed, as_bytes(kHandleContext)) : std::nullopt;
  if (!opened) csc::invalid("Invalid parameter handle");
  ByteReader reader(opened->view());
  const auto user = reader.field(), key = reader.field(), documents = reader.field(),
             presented = reader.field();
  if (!presented || !reader.done()) csc::invalid("Invalid parameter handle");
  return {std::string(as_text(*user)), std::string(as_text(*key)), sam::decode_manifest(*documents),
          ops::decode_presented(*presented)};
}

sam::Presented without_code(const sam::Presented& factors) {
  sam::Presented out;
  if (factors.pin) out.pin = factors.pin->clone();
  if (factors.share) out.share = factors.share->clone();
  return out;
}

std::string challenge_of(const sam::ActivationRequest& request) {
  std::string hex = to_hex(sam::request_hash(request));
  std::transform(hex.begin(), hex.end(), hex.begin(),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  return hex;
}

}  // namespace

Answer CscCredentials::sad_of(const sam::Approval& approval) {
  const auto left =
      std::chrono::duration_cast<std::chrono::seconds>(approval.expires_at - provider_.now());
  return json_answer({{"SAD", to_base64(approval.secret.view())},
                      {"expiresIn", std::max<std::int64_t>(0, left.count())}});
}

std::size_t CscCredentials::further(const Json& body, const sam::Manifest& manifest,
                                    const std::string& user) {
  const Json* count = ops::find_member(body, "numSignatures");
  if (count == nullptr || !count->is_number_integer()) csc::missing("integer", "numSignatures");
  const bool positive = count->is_number_unsigned() && count->get<std::uint64_t>() > 0;
  if (!positive) csc::invalid("Invalid value for parameter numSignatures");
  const auto wanted = count->get<std::uint64_t>();
  if (wanted > multisign(user)) csc::invalid("Numbers of signatures is too high");
  if (wanted < manifest.entries.size())
    throw Error(Fault::usage, "Invalid value for parameter numSignatures",
                "there are more hashes than that");
  return static_cast<std::size_t>(wanted) - manifest.entries.size();
}

Bytes CscCredentials::waiting_request(const ops::Credential& credential,
                                      const sam::Manifest& manifest) {
  const Bytes wanted = sam::manifest_hash(manifest);
  Time made{};
  Bytes id;
  for (const auto& row : store::requests_of(provider_.database(), credential.user)) {
    if (row.key != credential.key) continue;
    const sam::ActivationRequest request = sam::decode_request(row.request);
    if (request.created_at < made || !equal(request.manifest_sha256, wanted)) continue;
    made = request.created_at;
    id = row.id;
  }
  return id;
}

Answer CscCredentials::authorize(csc::Version version, const Json& body, const std::string& group) {
  csc::check_common(body);
  const ops::Credential credential = credential_of(body, group, real_);
  const sam::Manifest manifest = csc::manifest_of(version, body);
  const std::size_t open = further(body, manifest, credential.user);
  sam::Presented factors = csc::factors_of(version, body, credential.key);
  if (csc::knows_bound(credential)) {
    if (factors.otp) factors.request = waiting_request(credential, manifest);
    if (!factors.otp && version == csc::Version::v2) {
      if (open > 0)
        throw Error(Fault::usage, "Invalid value for parameter numSignatures",
                    "the signer approves the hashes that he is shown");
      return wait_for_signer(credential, manifest, factors);
    }
  }
  return sad_of(real_.activation().authorize(provider_.caller(), credential.user, credential.key,
                                             manifest, factors, open));
}

Answer CscCredentials::wait_for_signer(const ops::Credential& credential,
                                       const sam::Manifest& manifest,
                                       const sam::Presented& factors) {
  const sam::Asked asked = real_.ask(credential, &manifest, sam::AnswerKey::with_caller);
  sam::Presented waiting = without_code(factors);
  waiting.request = asked.request.id;
  waiting.answer_key = asked.answer_key;
  const Bytes handle = provider_.session("signers")->seal(
      sam::kSeedKey, encode_handle(credential, manifest, waiting).view(), as_bytes(kHandleContext));
  return json_answer({{"handle", to_base64(handle)}}, kAccepted);
}

Answer CscCredentials::check(csc::Version version, const Json& body, const std::string& group) {
  const std::string text = csc::text_parameter(body, "handle");
  Handle handle = handle_of(*provider_.session("signers"), text);
  if (!csc_may_ask_for(provider_, handle.user, group)) csc::invalid("Invalid parameter handle");
  sam::Presented& factors = handle.factors;
  sam::Presented now = csc::factors_of(version, body, handle.key);
  if (now.otp) factors.otp = std::move(now.otp);
  if (now.pin) factors.pin = std::move(now.pin);
  if (now.share) factors.share = std::move(now.share);
  try {
    auto answer = real_.answer_to(factors.request);
    if (!answer && !factors.otp) return json_answer({{"handle", text}}, kAccepted);
    if (answer) factors.answer = std::move(*answer);
  } catch (const Error& error) {
    if (error.fault != Fault::not_found) throw;
    throw Error(Fault::usage, "The handle has expired", "", "ask again; nothing was signed");
  }
  const ops::Credential credential = real_.credential(handle.user, handle.key, nullptr);
  return sad_of(real_.authorize(credential, handle.manifest, factors));
}

// A code is good for the documents that it was made for, so the hashes are asked for here, too.
Answer CscCredentials::challenge(csc::Version version, const Json& body, const std::string& group) {
  csc::check_common(body);
  const ops::Credential credential = credential_of(body, group, real_);
  const std::string id = csc::text_parameter(body, "authObjectID");
  const bool sent = id == csc::kCodeId && csc::knows(credential, sam::Factor::oob),
             computed = id == csc::kOcraId && csc::knows(credential, sam::Factor::ocra);
  if (!sent && !computed) csc::invalid("Invalid parameter authObjectID");
  const sam::Manifest manifest = csc::manifest_of(version, body);
  const sam::Asked asked = real_.ask(credential, &manifest, sam::AnswerKey::with_caller);
  if (computed) return json_answer({{"challenge", challenge_of(asked.request)}});
  Answer answer;
  answer.status = kNoContent;
  return answer;
}

Answer CscCredentials::extend(csc::Version version, const Json& body, const std::string& group) {
  csc::check_common(body);
  const store::KeyRow key = csc_key(provider_, body, group);
  const auto sad = from_base64(csc::text_parameter(body, "SAD"));
  if (!sad) csc::invalid("Invalid parameter SAD");
  const sam::Manifest manifest = csc::manifest_of(version, body);
  return sad_of(
      real_.activation().extend(provider_.caller(), key.id, Secret(Bytes(*sad)), manifest));
}

}  // namespace tsp::serve
