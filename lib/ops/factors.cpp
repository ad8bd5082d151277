#include "ops/factors.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "ops/activation.h"
#include "ops/channel.h"
#include "ops/enrolment.h"
#include "ops/recording.h"
#include "ops/user_checks.h"
#include "sam/codes.h"
#include "sam/device.h"
#include "sam/factors.h"

namespace tsp::ops {
namespace {

using sam::Factor;

// A verb on a factor, as it goes on record.
struct FactorVerb {
  Provider& provider;
  const char* event;  // user.factor.add, …
  const char* done;   // added, …
  const std::string& user;
  Json about;  // type or id
  bool dry_run;

  [[noreturn]] void refuse(const std::string& reason, std::string why, std::string next) const {
    ops::refuse(provider, {event, user, reason, about},
                Error(Fault::policy_refused, fmt::format("no factor of {} is {}", user, done),
                      std::move(why), std::move(next)),
                dry_run ? Keep::nothing : Keep::each);
  }
};

bool has(Provider& provider, const std::string& user, Factor type) {
  const auto rows = store::factors_of(provider.database(), user);
  return std::any_of(rows.begin(), rows.end(),
                     [&](const auto& row) { return row.type == sam::name_of(type); });
}

// In a group that enrols in two steps the signer is there himself: his PIN says so. EN 419 241-1
// SRC_SA.1.1: what a signer is authenticated with is bound to him under his control; an officer who
// could exchange it factor by factor would end up with all of them. Without his PIN a signer is
// enrolled anew.
void check_presence(const FactorVerb& verb, const store::UserRow& user,
                    const std::optional<Secret>& pin) {
  if (!verb.provider.caller().staff) return;  // authenticate_signer() came before
  if (!enrols_in_two_steps(verb.provider, user.group)) return;
  if (!pin)
    verb.refuse("signer-absent",
                fmt::format("the group {} enrols in two steps: no factor is {} by an officer alone",
                            user.group, verb.done),
                "nothing was changed; the signer gives his PIN with --pin-from; without it he is "
                "enrolled anew");
  if (verb.dry_run) return;
  sam::Presented presented;
  presented.pin = pin->clone();
  activation_module(verb.provider)
      ->check_factors(verb.provider.caller(), user.name, presented, false);
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

Bytes data_of(const FactorVerb& verb, const AddFactor& request, const store::UserRow& user) {
  Provider& provider = verb.provider;
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
    verb.refuse("pin-twice", "the signer has a PIN",
                "nothing was changed; he changes it with tsp user pin");
  if (enrols_in_two_steps(provider, user.group))
    verb.refuse("signer-absent",
                "the group " + user.group + " enrols in two steps: no officer gives a signer a PIN",
                "nothing was changed; the signer is enrolled anew");
  if (!request.pin)
    throw Error(Fault::input_needed, "a PIN is needed", "", "give it with --pin-from");
  if (const auto why = objection_to_new_pin(provider, *request.pin))
    verb.refuse("weak-choice", "the PIN " + *why, "nothing was changed; choose another");
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
  const Secret seed = Secret::random(type == Factor::ocra ? sam::kOcraSeed : kSeedSize);
  Bytes sealed = sam::seal_seed(*provider.session("signers"), user, seed, sam::name_of(type));
  const std::string issuer = provider.name();
  hand_out(type == Factor::ocra   ? sam::ocra_uri(issuer, user, seed)
           : type == Factor::hotp ? sam::hotp_uri(issuer, user, seed)
                                  : sam::totp_uri(issuer, user, seed));
  return sealed;
}

namespace {

void refuse_inactive(const FactorVerb& verb, const store::UserRow& user) {
  if (user.state != "active")
    verb.refuse("user-" + user.state, "the user is " + user.state, "nothing was changed");
}

std::optional<store::FactorRow> find_factor(Provider& provider, const std::string& user,
                                            std::int64_t id) {
  for (auto& row : store::factors_of(provider.database(), user))
    if (row.id == id) return std::move(row);
  return std::nullopt;
}

store::FactorRow must_find_factor(Provider& provider, const std::string& user, std::int64_t id) {
  auto row = find_factor(provider, user, id);
  if (row) return std::move(*row);
  throw Error(Fault::not_found, fmt::format("{} has no factor {}", user, id), "",
              "tsp user factor list " + user);
}

// The active key whose share this factor alone holds, or nothing.
std::optional<std::string> held_alone(Provider& provider, const std::string& user,
                                      std::int64_t id) {
  for (const auto& key : store::keys_of(provider.database(), user)) {
    const auto shares = store::shares_of(provider.database(), key.id);
    if (key.state == "active" && shares.size() == 1 && shares.front().factor == id) return key.id;
  }
  return std::nullopt;
}

// What was asked or approved with a factor that goes is void with it.
void forget(store::Transaction& transaction, const std::string& user, std::int64_t id,
            Json& details) {
  store::delete_shares_of_factor(transaction, id);
  store::delete_factor(transaction, id);
  details["requests_voided"] = store::delete_requests_of(transaction, user);
  details["approvals_voided"] = store::delete_approvals_of(transaction, user);
}

// What was checked before the transaction holds in it, too.
void check_unchanged(bool same, const std::string& user) {
  if (!same)
    throw Error(Fault::busy, "the factors of " + user + " were changed in this moment", "",
                "nothing was changed; try again");
}

}  // namespace

FactorChanged add_factor(Provider& provider, const AddFactor& request) {
  const store::UserRow user = must_find_user(provider, request.user);
  const std::string type(sam::name_of(request.type));
  const FactorVerb verb{provider,  "user.factor.add", "added",
                        user.name, {{"type", type}},  request.dry_run};
  refuse_inactive(verb, user);
  if (request.type != Factor::pin) check_presence(verb, user, request.pin);
  store::FactorRow row{0, user.name, type, data_of(verb, request, user), 0, provider.now()};
  FactorChanged receipt{user.name, {0, type}, 0};
  if (request.dry_run) return receipt;
  receipt.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    receipt.factor.id = store::insert_factor(transaction, row);
    return audit::append(transaction, provider.now(),
                         provider.event(verb.event, audit::Outcome::done, user.name,
                                        {{"type", type}, {"factor", receipt.factor.id}}));
  });
  return receipt;
}

FactorChanged reset_factor(Provider& provider, const AddFactor& request, std::int64_t id) {
  const store::UserRow user = must_find_user(provider, request.user);
  const store::FactorRow old = must_find_factor(provider, user.name, id);
  const auto type = sam::parse_factor(old.type);
  if (type != Factor::totp && type != Factor::hotp && type != Factor::ocra)
    throw Error(Fault::usage, "a " + old.type + " factor has no secret to make anew", "",
                "a PIN is changed with tsp user pin; a device is added and the old one removed");
  const FactorVerb verb{provider,  "user.factor.reset", "made anew",
                        user.name, {{"factor", id}},    request.dry_run};
  refuse_inactive(verb, user);
  check_presence(verb, user, request.pin);
  FactorChanged receipt{user.name, {0, old.type}, 0};
  if (request.dry_run) return receipt;
  store::FactorRow row{0,        user.name,
                       old.type, token_for(provider, user.name, *type, request.hand_out),
                       0,        provider.now()};
  receipt.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    check_unchanged(find_factor(provider, user.name, id).has_value(), user.name);
    Json details = {{"type", old.type}, {"replaces", id}};
    forget(transaction, user.name, id, details);
    receipt.factor.id = store::insert_factor(transaction, row);
    details["factor"] = receipt.factor.id;
    return audit::append(
        transaction, provider.now(),
        provider.event(verb.event, audit::Outcome::done, user.name, std::move(details)));
  });
  return receipt;
}

FactorChanged remove_factor(Provider& provider, const RemoveFactor& request) {
  const store::UserRow user = must_find_user(provider, request.user);
  const store::FactorRow row = must_find_factor(provider, user.name, request.id);
  const FactorVerb verb{provider,
                        "user.factor.remove",
                        "removed",
                        user.name,
                        {{"factor", request.id}, {"type", row.type}},
                        request.dry_run};
  if (const auto key = held_alone(provider, user.name, request.id))
    verb.refuse("last-share", "it alone holds the share of the key " + *key,
                "nothing was changed; destroy the key first with tsp key destroy " + *key);
  if (row.type == sam::name_of(Factor::pin) && enrols_in_two_steps(provider, user.group))
    verb.refuse(
        "pin-stays",
        "the group " + user.group + " enrols in two steps: the PIN is the signer's presence",
        "nothing was changed; he changes it with tsp user pin");
  check_presence(verb, user, request.pin);
  FactorChanged receipt{user.name, {row.id, row.type}, 0};
  if (request.dry_run) return receipt;
  receipt.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    check_unchanged(
        find_factor(provider, user.name, row.id) && !held_alone(provider, user.name, row.id),
        user.name);
    Json details = verb.about;
    forget(transaction, user.name, row.id, details);
    return audit::append(
        transaction, provider.now(),
        provider.event(verb.event, audit::Outcome::done, user.name, std::move(details)));
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
          {"audit_seq", record_json(receipt.audit_seq)}};
}

Json to_json(const FactorRow& factor) {
  Json json = {{"id", factor.info.id},
               {"type", factor.info.type},
               {"added_at", to_rfc3339(factor.created_at)}};
  if (!factor.detail.empty()) json["detail"] = factor.detail;
  return json;
}

}  // namespace tsp::ops
