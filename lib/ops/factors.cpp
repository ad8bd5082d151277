#include "ops/factors.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "ops/activation.h"
#include "ops/recording.h"
#include "ops/user_checks.h"
#include "sam/codes.h"
#include "sam/device.h"
#include "sam/factors.h"

namespace tsp::ops {
namespace {

constexpr std::size_t kSeed = 20, kLongestAddress = 254;

using sam::Factor;

[[noreturn]] void refuse_factor(Provider& provider, const AddFactor& request,
                                const std::string& reason, std::string why, std::string next) {
  refuse(
      provider, {"user.factor.add", request.user, reason, {{"type", sam::name_of(request.type)}}},
      Error(Fault::policy_refused,
            fmt::format("no {} factor is added for {}", sam::name_of(request.type), request.user),
            std::move(why), std::move(next)),
      request.dry_run ? Keep::nothing : Keep::each);
}

bool has(Provider& provider, const std::string& user, Factor type) {
  const auto rows = store::factors_of(provider.database(), user);
  return std::any_of(rows.begin(), rows.end(),
                     [&](const auto& row) { return row.type == sam::name_of(type); });
}

// In a group that enrols in two steps the signer is there himself: his PIN says so.
void check_presence(Provider& provider, const AddFactor& request, const store::UserRow& user) {
  const auto group = store::find_group(provider.database(), user.group);
  if (!group || group->enrolment != "two-step" || request.type == Factor::pin) return;
  if (!request.pin)
    refuse_factor(
        provider, request, "signer-absent",
        "the group " + user.group + " enrols in two steps: no officer adds a factor alone",
        "nothing was changed; the signer gives his PIN with --pin-from");
  if (request.dry_run) return;
  sam::Presented presented;
  presented.pin = request.pin->clone();
  activation_module(provider)->check_factors(provider.caller(), request.user, presented, false);
}

Bytes address_of(const AddFactor& request, const store::UserRow& user) {
  const std::string address = request.address.empty() ? user.email : request.address;
  if (address.empty() || address.size() > kLongestAddress || !is_utf8(address) ||
      printable(address) != address)
    throw Error(Fault::bad_input, "codes cannot be sent to " + request.user,
                address.empty() ? "no address is known" : "the address cannot be used",
                "give one with --address");
  return to_bytes(as_bytes(address));
}

Bytes data_of(Provider& provider, const AddFactor& request, const store::UserRow& user) {
  switch (request.type) {
    case Factor::totp:
    case Factor::hotp:
    case Factor::ocra:
      return request.dry_run ? Bytes()
                             : token_for(provider, request.user, request.type, request.hand_out);
    case Factor::oob:
      return address_of(request, user);
    case Factor::device:
      return sam::encode(
          sam::check_introduction(request.introduction, provider.name(), request.user));
    case Factor::pin:
      break;
  }
  if (has(provider, request.user, Factor::pin))
    refuse_factor(provider, request, "pin-twice", "the signer has a PIN",
                  "nothing was changed; he changes it with tsp user pin");
  if (!request.pin)
    throw Error(Fault::input_needed, "a PIN is needed", "", "give it with --pin-from");
  if (const auto why = objection_to_new_pin(provider, *request.pin))
    refuse_factor(provider, request, "weak-choice", "the PIN " + *why,
                  "nothing was changed; choose another");
  if (request.dry_run) return {};
  return sam::make_pin_verifier(*provider.session("signers"), request.user, *request.pin,
                                provider.pin_cost());
}

std::string detail_of(const store::FactorRow& row) {
  if (row.type == sam::name_of(Factor::device)) return sam::decode_card(row.data).name;
  if (row.type == sam::name_of(Factor::oob)) return std::string(as_text(row.data));
  return "";
}

}  // namespace

Bytes token_for(Provider& provider, const std::string& user, Factor type,
                const std::function<void(const Secret&)>& hand_out) {
  if (!hand_out)
    throw Error(Fault::input_needed, "the secret has nowhere to go", "", "give --uri-out FILE");
  const Secret seed = Secret::random(type == Factor::ocra ? sam::kOcraSeed : kSeed);
  Bytes sealed = sam::seal_seed(*provider.session("signers"), user, seed, sam::name_of(type));
  const std::string issuer = provider.name();
  hand_out(type == Factor::ocra   ? sam::ocra_uri(issuer, user, seed)
           : type == Factor::hotp ? sam::hotp_uri(issuer, user, seed)
                                  : sam::totp_uri(issuer, user, seed));
  return sealed;
}

FactorChanged add_factor(Provider& provider, const AddFactor& request) {
  const store::UserRow user = must_find_user(provider, request.user);
  if (user.state != "active")
    refuse_factor(provider, request, "user-" + user.state, "the user is " + user.state,
                  "nothing was changed");
  check_presence(provider, request, user);
  store::FactorRow row{
      0, user.name,     std::string(sam::name_of(request.type)), data_of(provider, request, user),
      0, provider.now()};
  FactorChanged receipt{user.name, {0, row.type}, 0};
  if (request.dry_run) return receipt;
  receipt.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    receipt.factor.id = store::insert_factor(transaction, row);
    return audit::append(transaction, provider.now(),
                         provider.event("user.factor.add", audit::Outcome::done, user.name,
                                        {{"type", row.type}, {"factor", receipt.factor.id}}));
  });
  return receipt;
}

FactorChanged remove_factor(Provider& provider, const std::string& name, std::int64_t id,
                            bool dry_run) {
  must_find_user(provider, name);
  const auto rows = store::factors_of(provider.database(), name);
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.id == id; });
  if (row == rows.end())
    throw Error(Fault::not_found, fmt::format("{} has no factor {}", name, id), "",
                "tsp user factor list " + name);
  for (const auto& key : store::keys_of(provider.database(), name)) {
    const auto shares = store::shares_of(provider.database(), key.id);
    if (key.state == "active" && shares.size() == 1 && shares.front().factor == id)
      refuse(provider, {"user.factor.remove", name, "last-share", {{"factor", id}}},
             Error(Fault::policy_refused, fmt::format("the factor {} is not removed", id),
                   "it alone holds the share of the key " + key.id,
                   "nothing was changed; destroy the key first with tsp key destroy " + key.id),
             dry_run ? Keep::nothing : Keep::each);
  }
  FactorChanged receipt{name, {id, row->type}, 0};
  if (dry_run) return receipt;
  receipt.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    store::delete_shares_of_factor(transaction, id);
    store::delete_factor(transaction, id);
    const auto voided = store::delete_requests_of(transaction, name);
    return audit::append(
        transaction, provider.now(),
        provider.event("user.factor.remove", audit::Outcome::done, name,
                       {{"type", row->type}, {"factor", id}, {"requests_voided", voided}}));
  });
  return receipt;
}

std::vector<FactorRow> list_factors(Provider& provider, const std::string& name) {
  must_find_user(provider, name);
  std::vector<FactorRow> out;
  for (const auto& row : store::factors_of(provider.database(), name))
    out.push_back({{row.id, row.type}, detail_of(row), row.created_at});
  return out;
}

Json to_json(const FactorChanged& receipt) {
  return {{"user", receipt.user},
          {"factor", {{"id", receipt.factor.id}, {"type", receipt.factor.type}}},
          {"audit_seq", receipt.audit_seq}};
}

Json to_json(const FactorRow& factor) {
  Json json = {{"id", factor.info.id},
               {"type", factor.info.type},
               {"added_at", to_rfc3339(factor.created_at)}};
  if (!factor.detail.empty()) json["detail"] = factor.detail;
  return json;
}

}  // namespace tsp::ops
