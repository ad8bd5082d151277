#include "serve/desk_csc.h"

#include <algorithm>

#include "ops/groups.h"
#include "store/rows.h"

namespace tsp::serve {
namespace {

constexpr std::string_view kVerbV1 = "csc/v1/", kVerbV2 = "csc/v2/";

// Who has which credential is told to staff, and to the service provider of a group that is set so;
// to others everybody looks like one without credentials.
bool may_list(ops::Provider& provider, const std::string& user, const std::string& group) {
  if (group.empty()) return provider.caller().staff;
  const auto rules = store::find_group(provider.database(), group);
  return csc_may_ask_for(provider, user, group) && rules && rules->lists_credentials;
}

// The credential that it names can be used now.
bool is_usable(const ops::Credential& credential, Time now) {
  return credential.certificate->not_before() <= now && now <= credential.certificate->not_after();
}

}  // namespace

bool csc_may_ask_for(ops::Provider& provider, const std::string& user, const std::string& group) {
  if (group.empty()) return true;
  const auto row = store::find_user(provider.database(), user);
  return row && row->group == group;
}

std::optional<CscVerb> csc_verb(std::string_view verb) {
  for (const auto version : {csc::Version::v1, csc::Version::v2}) {
    const std::string_view prefix = version == csc::Version::v1 ? kVerbV1 : kVerbV2;
    if (verb.starts_with(prefix)) return CscVerb{version, std::string(verb.substr(prefix.size()))};
  }
  return std::nullopt;
}

Answer failure_of(const Request& request, const Error& error) {
  const auto csc = csc_verb(request.verb);
  Answer answer = csc && error.fault != Fault::not_permitted
                      ? csc::failure(csc->version, csc->method, error)
                      : failure(request.id, error);
  answer.id = request.id;
  return answer;
}

store::KeyRow csc_key(ops::Provider& provider, const Json& body, const std::string& group) {
  const std::string id = csc::text_parameter(body, "credentialID");
  auto row = store::find_key(provider.database(), id);
  if (!row || !csc_may_ask_for(provider, row->owner, group))
    throw Error(Fault::usage, "Invalid parameter credentialID");
  if (row->state != "active")
    throw Error(Fault::usage, "The credential identified by credentialID is disabled");
  return std::move(*row);
}

Answer CscCredentials::info(csc::Version version) {
  return json_answer(csc::info(
      version, {provider_.name(), store::setting(provider_.database(), "country").value_or(""),
                provider_.config().boolean("csc.documents")}));
}

Answer CscCredentials::list(csc::Version version, const Json& body, const std::string& group) {
  const std::string user = csc::text_parameter(body, "userID");
  const bool only_valid = csc::flag_parameter(body, "onlyValid");
  const bool with_info = csc::flag_parameter(body, "credentialInfo");
  const csc::Wanted wanted = csc::wanted_of(body);
  csc::check_common(body);
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
  csc::check_common(body);
  return json_answer(info_of(version, credential_of(body, group, dry_), wanted));
}

}  // namespace tsp::serve
