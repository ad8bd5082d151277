#include "ops/users.h"

#include "ops/accounting.h"
#include "ops/recording.h"
#include "ops/user_checks.h"

namespace tsp::ops {
namespace {

std::vector<FactorInfo> factor_infos(Provider& provider, const std::string& name) {
  std::vector<FactorInfo> infos;
  for (const auto& factor : store::factors_of(provider.database(), name))
    infos.push_back({factor.id, factor.type});
  return infos;
}

StateChanged set_state(Provider& provider, const std::string& name, const std::string& state,
                       const std::string& event, bool dry_run) {
  const store::UserRow before = must_find_user(provider, name);
  refuse_removed(provider, before, event, dry_run ? Keep::nothing : Keep::each);
  if (before.state == state) return {name, state, 0, false};
  if (dry_run) return {name, state, 0, true};
  const auto seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    if (must_find_user(provider, name).state != before.state)
      throw Error(Fault::busy, name + " was changed meanwhile", "", "try again");
    store::set_user_state(transaction, name, state);
    Json details = {{"from", before.state}, {"to", state}};
    // An approval given before a suspension is void.
    if (state == "suspended")
      details["approvals_voided"] = store::delete_approvals_of(transaction, name);
    return record_call(provider, transaction, before.group,
                       provider.event(event, audit::Outcome::done, name, std::move(details)));
  });
  return {name, state, seq, true};
}

}  // namespace

UserInfo show_user(Provider& provider, const std::string& name) {
  UserInfo info;
  info.row = must_find_user(provider, name);
  info.factors = factor_infos(provider, name);
  for (const auto& key : store::keys_of(provider.database(), name)) info.keys.push_back(key.id);
  for (const auto& certificate : store::certificates_of(provider.database(), name))
    info.certificates.push_back(certificate.serial);
  const auto allowed = provider.config().integer("pin.tries");
  info.tries_left =
      std::max<std::int64_t>(0, allowed - store::attempts_of(provider.database(), name));
  info.locked = info.tries_left == 0;
  return info;
}

std::vector<UserInfo> list_users(Provider& provider, const std::string& after, std::size_t most) {
  std::vector<UserInfo> users;
  for (const auto& row : store::users_after(provider.database(), after, most))
    users.push_back(show_user(provider, row.name));
  return users;
}

StateChanged suspend_user(Provider& provider, const std::string& name, bool dry_run) {
  return set_state(provider, name, "suspended", "user.suspend", dry_run);
}

StateChanged resume_user(Provider& provider, const std::string& name, bool dry_run) {
  const store::UserRow user = must_find_user(provider, name);
  if (user.state == "registered")
    refuse(provider, {"user.resume", name, "user-registered"},
           Error(Fault::policy_refused, name + " is not made active",
                 "he is registered: he alone activates, with his enrolment code",
                 "nothing was changed"),
           dry_run ? Keep::nothing : Keep::each);
  // Whoever was suspended before he activated has to do so still.
  const bool waits = store::find_enrolment(provider.database(), name).has_value();
  return set_state(provider, name, waits ? "registered" : "active", "user.resume", dry_run);
}

StateChanged unlock_user(Provider& provider, const std::string& name, bool dry_run) {
  const store::UserRow user = must_find_user(provider, name);
  refuse_removed(provider, user, "user.unlock", dry_run ? Keep::nothing : Keep::each);
  const auto tries = store::attempts_of(provider.database(), name);
  if (tries == 0) return {name, "unlocked", 0, false};
  if (dry_run) return {name, "unlocked", 0, true};
  const auto seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    store::clear_attempts(transaction, name);
    return record_call(
        provider, transaction, user.group,
        provider.event("user.unlock", audit::Outcome::done, name, {{"wrong_tries", tries}}));
  });
  return {name, "unlocked", seq, true};
}

Json to_json(const UserInfo& user) {
  Json factors = Json::array();
  for (const auto& factor : user.factors)
    factors.push_back({{"id", factor.id}, {"type", factor.type}});
  return {{"user", user.row.name},
          {"kind", user.row.kind},
          {"group", user.row.group},
          {"state", user.row.state},
          {"locked", user.locked},
          {"tries_left", user.tries_left},
          {"common_name", user.row.common_name},
          {"given_name", user.row.given_name},
          {"surname", user.row.surname},
          {"serial_number", user.row.serial_number},
          {"organization", user.row.organization},
          {"organization_id", user.row.organization_id},
          {"email", user.row.email},
          {"country", user.row.country},
          {"proofing_sha256", user.row.proofing_sha256},
          {"created_at", to_rfc3339(user.row.created_at)},
          {"factors", factors},
          {"keys", user.keys},
          {"certificates", user.certificates}};
}

Json to_json(const StateChanged& receipt) {
  return {{"user", receipt.user},
          {"state", receipt.state},
          {"changed", receipt.changed},
          {"audit_seq", record_json(receipt.audit_seq)}};
}

}  // namespace tsp::ops
