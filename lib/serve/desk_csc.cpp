#include "serve/desk_csc.h"

#include <algorithm>

#include "ops/backend_json.h"
#include "ops/groups.h"
#include "sam/factors.h"
#include "sam/requirement.h"
#include "store/rows.h"

namespace tsp::serve {
namespace {

constexpr std::string_view kV1 = "csc/v1/", kV2 = "csc/v2/", kHandleContext = "tsp csc handle 1";

std::string text_parameter(const Json& body, const char* name) {
  const Json* value = ops::find_member(body, name);
  if (value == nullptr || !value->is_string())
    throw Error(Fault::usage, std::string("Missing (or invalid type) string parameter ") + name);
  return value->get<std::string>();
}

bool flag_parameter(const Json& body, const char* name) {
  const Json* value = ops::find_member(body, name);
  if (value != nullptr && !value->is_boolean())
    throw Error(Fault::usage, std::string("Missing (or invalid type) boolean parameter ") + name);
  return value != nullptr && value->get<bool>();
}

bool may_ask_for(ops::Provider& provider, const std::string& user, const std::string& group) {
  if (group.empty()) return true;
  const auto row = store::find_user(provider.database(), user);
  return row && row->group == group;
}

// Who has which credential is told to staff, and to the service provider of a group that is set so;
// to others everybody looks like one without credentials.
bool may_list(ops::Provider& provider, const std::string& user, const std::string& group) {
  if (group.empty()) return provider.caller().staff;
  const auto rules = store::find_group(provider.database(), group);
  return may_ask_for(provider, user, group) && rules && rules->lists_credentials;
}

// The credential that it names can be used now.
bool is_usable(const ops::Credential& credential, Time now) {
  return credential.certificate->not_before() <= now && now <= credential.certificate->not_after();
}

}  // namespace

std::optional<CscVerb> csc_verb(std::string_view verb) {
  for (const auto version : {csc::Version::v1, csc::Version::v2}) {
    const std::string_view prefix = version == csc::Version::v1 ? kV1 : kV2;
    if (verb.starts_with(prefix)) return CscVerb{version, std::string(verb.substr(prefix.size()))};
  }
  return std::nullopt;
}

store::KeyRow csc_key(ops::Provider& provider, const Json& body, const std::string& group) {
  const std::string id = text_parameter(body, "credentialID");
  auto row = store::find_key(provider.database(), id);
  if (!row || !may_ask_for(provider, row->owner, group))
    throw Error(Fault::usage, "Invalid parameter credentialID");
  if (row->state != "active")
    throw Error(Fault::usage, "The credential identified by credentialID is disabled");
  return std::move(*row);
}

Answer CscCredentials::info(csc::Version version) {
  return json_answer(csc::info(
      version, {provider_.name(), store::setting(provider_.database(), "country").value_or("")}));
}

Answer CscCredentials::list(csc::Version version, const Json& body, const std::string& group) {
  const std::string user = text_parameter(body, "userID");
  const bool only_valid = flag_parameter(body, "onlyValid");
  const bool with_info = flag_parameter(body, "credentialInfo");
  const csc::Wanted wanted = csc::wanted_of(body);
  Json ids = Json::array(), infos = Json::array();
  // A name that nobody has looks like one without credentials.
  if (may_list(provider_, user, group) && !user.empty()) {
    for (const auto& row : store::keys_of(provider_.database(), user)) {
      if (row.state != "active") continue;
      try {
        const ops::Credential credential = dry_.credential(user, row.id, nullptr);
        if (only_valid && !is_usable(credential, provider_.now())) continue;
        ids.push_back(row.id);
        Json info = {{"credentialID", row.id}};
        info.update(info_of(version, credential, wanted));
        infos.push_back(std::move(info));
      } catch (const Error& error) {
        if (error.fault == Fault::tampered) throw;
        if (!only_valid && error.fault == Fault::policy_refused && !with_info)
          ids.push_back(row.id);
      }
    }
  }
  Json json = {{"credentialIDs", std::move(ids)}};
  if (version == csc::Version::v2) {
    if (with_info) json["credentialInfos"] = std::move(infos);
    if (only_valid) json["onlyValid"] = true;
  }
  return json_answer(json);
}

ops::Credential CscCredentials::credential_of(const Json& body, const std::string& group,
                                              ops::LocalBackend& backend) {
  const store::KeyRow key = csc_key(provider_, body, group);
  try {
    return backend.credential(key.owner, key.id, nullptr);
  } catch (const Error& error) {
    if (error.fault == Fault::tampered || error.fault == Fault::busy) throw;
    throw Error(Fault::usage, "The credential identified by credentialID is disabled", "",
                error.next, error.audit_seq);
  }
}

std::size_t CscCredentials::multisign(const std::string& user) {
  const auto row = store::find_user(provider_.database(), user);
  return static_cast<std::size_t>(std::max<std::int64_t>(
      1, ops::show_group(provider_, row ? row->group : "default").documents));
}

Json CscCredentials::info_of(csc::Version version, const ops::Credential& credential,
                             const csc::Wanted& wanted) {
  csc::CredentialState state;
  state.certificate_status = is_usable(credential, provider_.now()) ? "valid" : "expired";
  state.multisign = multisign(credential.user);
  return csc::credential_info(version, credential, state, wanted);
}

Answer CscCredentials::show(csc::Version version, const Json& body, const std::string& group) {
  const csc::Wanted wanted = csc::wanted_of(body);
  return json_answer(info_of(version, credential_of(body, group, dry_), wanted));
}

Answer CscCredentials::sad_of(const sam::Approval& approval) {
  const auto left =
      std::chrono::duration_cast<std::chrono::seconds>(approval.expires_at - provider_.now());
  return json_answer({{"SAD", to_base64(approval.secret.view())},
                      {"expiresIn", std::max<std::int64_t>(0, left.count())}});
}

Answer CscCredentials::authorize(csc::Version version, const Json& body, const std::string& group) {
  const Json* count = ops::find_member(body, "numSignatures");
  if (count == nullptr || !count->is_number_integer())
    throw Error(Fault::usage, "Missing (or invalid type) integer parameter numSignatures");
  const ops::Credential credential = credential_of(body, group, real_);
  const sam::Manifest manifest = csc::manifest_of(version, body);
  const std::int64_t wanted = count->get<std::int64_t>();
  if (wanted < 1) throw Error(Fault::usage, "Invalid value for parameter numSignatures");
  if (wanted > static_cast<std::int64_t>(multisign(credential.user)))
    throw Error(Fault::usage, "Numbers of signatures is too high");
  if (wanted != static_cast<std::int64_t>(manifest.entries.size()))
    throw Error(Fault::usage, "Invalid value for parameter numSignatures",
                "each signature is bound to its hash");
  const sam::Presented factors = csc::factors_of(version, body);
  if (credential.scal == 2) return wait_for_device(credential, manifest, factors);
  return sad_of(real_.authorize(credential, manifest, factors));
}

Answer CscCredentials::wait_for_device(const ops::Credential& credential,
                                       const sam::Manifest& manifest,
                                       const sam::Presented& factors) {
  const auto policy = sam::Requirement::parse(credential.factors, credential.scal);
  const bool by_device = std::ranges::any_of(
      policy.alternatives(),
      [](const sam::Factors& alternative) { return alternative.count(sam::Factor::device) != 0; });
  if (!by_device)
    throw Error(Fault::policy_refused, "the credential is not approved on a device",
                "its policy asks for " + credential.factors,
                "sign with tsp sign, or by our own API; nothing was signed");
  const sam::Asked asked = real_.ask(credential, &manifest, sam::AnswerKey::with_caller);
  sam::Presented waiting;
  if (factors.pin) waiting.pin = factors.pin->clone();
  waiting.request = asked.request.id;
  waiting.answer_key = asked.answer_key;
  Bytes plain;
  const Secret presented = ops::encode(waiting);
  const Bytes documents = sam::encode(manifest);
  plain.reserve(64 + presented.size() + documents.size() + credential.user.size() +
                credential.key.size());
  append_field(plain, as_bytes(credential.user));
  append_field(plain, as_bytes(credential.key));
  append_field(plain, documents);
  append_field(plain, presented.view());
  const Secret guarded(std::move(plain));
  const Bytes handle =
      provider_.session("signers")->seal(sam::kSeedKey, guarded.view(), as_bytes(kHandleContext));
  return json_answer({{"handle", to_base64(handle)}}, 202);
}

Answer CscCredentials::check(const Json& body) {
  const std::string text = text_parameter(body, "handle");
  const auto sealed = from_base64(text);
  const auto opened =
      sealed ? provider_.session("signers")->open(sam::kSeedKey, *sealed, as_bytes(kHandleContext))
             : std::nullopt;
  if (!opened) throw Error(Fault::usage, "Invalid parameter handle");
  ByteReader reader(opened->view());
  const auto user = reader.field(), key = reader.field(), documents = reader.field(),
             presented = reader.field();
  if (!presented || !reader.done()) throw Error(Fault::usage, "Invalid parameter handle");
  sam::Presented factors = ops::decode_presented(*presented);
  try {
    auto answer = real_.answer_to(factors.request);
    if (!answer) return json_answer({{"handle", text}}, 202);
    factors.answer = std::move(*answer);
  } catch (const Error& error) {
    if (error.fault != Fault::not_found) throw;
    throw Error(Fault::usage, "The handle has expired", "", "ask again; nothing was signed");
  }
  const ops::Credential credential =
      real_.credential(std::string(as_text(*user)), std::string(as_text(*key)), nullptr);
  return sad_of(real_.authorize(credential, sam::decode_manifest(*documents), factors));
}

CscSigning csc_signing_of(ops::Provider& provider, csc::Version version, const Json& body,
                          const std::string& group) {
  const store::KeyRow key = csc_key(provider, body, group);
  sam::Manifest manifest = csc::manifest_of(version, body);
  csc::check_algorithm(body, key.algorithm, manifest.hash);
  const auto sad = from_base64(text_parameter(body, "SAD"));
  if (!sad) throw Error(Fault::usage, "Invalid parameter SAD");
  return {std::move(manifest), Secret(Bytes(*sad))};
}

}  // namespace tsp::serve
