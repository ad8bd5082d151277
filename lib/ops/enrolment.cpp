#include "ops/enrolment.h"

#include <algorithm>

#include "ops/accounting.h"
#include "ops/activation.h"
#include "ops/factors.h"
#include "ops/recording.h"
#include "ops/user_checks.h"
#include "sam/device.h"
#include "sam/enrolment.h"
#include "sam/factors.h"

namespace tsp::ops {
namespace {

using sam::Factor;

constexpr const char* kNobody =
    "nothing was signed and nothing was changed; look at the disk and try again";

// Makes a code, hands it out, and answers what the store keeps of it: a code that nobody has would
// be of no use, one that was not stored is good for nothing.
store::EnrolmentRow new_code(Provider& provider, const std::string& user, const std::string& terms,
                             const std::function<void(const Secret&)>& hand_out) {
  if (!hand_out)
    throw Error(Fault::input_needed, "the enrolment code has nowhere to go", "",
                "give --enrolment-code-out FILE");
  const Secret code = sam::make_enrolment_code();
  store::EnrolmentRow row{user, sam::enrolment_code_mac(*provider.session("signers"), user, code),
                          terms, provider.now() + sam::kEnrolmentLifetime};
  hand_out(code);
  return row;
}

bool can_have(const sam::Factors& alternative, const store::UserRow& user, bool device) {
  return (device || alternative.count(Factor::device) == 0) &&
         (!user.email.empty() || alternative.count(Factor::oob) == 0);
}

// What the signer gets: the first alternative of his group's policy that can be met, and a PIN.
sam::Factors factors_for(Provider& provider, const store::UserRow& user, bool device) {
  const auto group = store::find_group(provider.database(), user.group);
  const std::string policy = group ? group->factors_scal1 : "pin+totp";
  const auto requirement = sam::Requirement::parse(policy, 1);
  const auto& all = requirement.alternatives();
  const auto found = std::find_if(all.begin(), all.end(), [&](const sam::Factors& alternative) {
    return can_have(alternative, user, device);
  });
  if (found == all.end())
    throw Error(Fault::input_needed, user.name + " is not activated",
                "his group asks for " + policy + ", which he would not have",
                "nothing was changed, and the code stays good; give --device-card FILE, or let an "
                "officer see to it");
  sam::Factors factors = *found;
  factors.insert(Factor::pin);
  if (device) factors.insert(Factor::device);
  return factors;
}

Bytes data_for(Provider& provider, const ActivateUser& request, const store::UserRow& user,
               Factor type, const Bytes& card) {
  switch (type) {
    case Factor::pin:
      return sam::make_pin_verifier(*provider.session("signers"), user.name, *request.pin,
                                    provider.pin_cost());
    case Factor::device:
      return card;
    case Factor::oob:
      return to_bytes(as_bytes(user.email));
    case Factor::totp:
    case Factor::hotp:
    case Factor::ocra:
      break;
  }
  if (!request.hand_out)
    throw Error(Fault::input_needed, "the secret has nowhere to go", "there is no terminal",
                "give --totp-uri-out FILE; nothing was changed, and the code stays good");
  return token_for(provider, user.name, type,
                   [&](const Secret& uri) { request.hand_out(type, uri); });
}

std::vector<store::FactorRow> rows_for(Provider& provider, const ActivateUser& request,
                                       const Bytes& card) {
  const store::UserRow user = must_find_user(provider, request.user);
  std::vector<store::FactorRow> rows;
  for (const Factor type : factors_for(provider, user, !card.empty()))
    rows.push_back({0, user.name, std::string(sam::name_of(type)),
                    data_for(provider, request, user, type, card), 0, provider.now()});
  return rows;
}

// For an officer or a signer at the same desk; activate() looks again, and puts it on record.
void check_activation(Provider& provider, const std::string& name) {
  const store::UserRow user = must_find_user(provider, name);
  if (user.state != "registered")
    throw Error(Fault::policy_refused, "the signer " + name + " is not activated",
                "he is " + user.state, "nothing was changed");
  provider.session("signers");
}

}  // namespace

bool enrols_in_two_steps(Provider& provider, const std::string& group) {
  const auto row = store::find_group(provider.database(), group);
  return row && row->enrolment == "two-step";
}

UserEnrolled register_user(Provider& provider, store::UserRow row, const EnrollUser& request) {
  row.state = "registered";
  UserEnrolled receipt{row.name, row.kind, row.group, {}, 0, row.state, {}};
  if (request.dry_run) return receipt;
  const auto code = new_code(provider, row.name, request.terms, request.hand_out_code);
  receipt.code_expires_at = code.expires_at;
  const auto write = [&](store::Transaction& transaction) {
    store::insert_user(transaction, row);
    store::put_enrolment(transaction, code);
    const Json details = {{"kind", row.kind},
                          {"group", row.group},
                          {"common_name", row.common_name},
                          {"proofing_sha256", row.proofing_sha256},
                          {"terms", request.terms},
                          {"code_expires_at", to_rfc3339(code.expires_at)},
                          {"steps", 2}};
    return record_call(provider, transaction, row.group,
                       provider.event("user.enroll", audit::Outcome::done, row.name, details));
  };
  receipt.audit_seq = commit(provider, Hsm::not_called, write, kNobody);
  return receipt;
}

CodeRenewed renew_enrolment_code(Provider& provider, const RenewCode& request) {
  const store::UserRow user = must_find_user(provider, request.user);
  const auto before = store::find_enrolment(provider.database(), user.name);
  if (user.state != "registered" || !before)
    refuse(provider, {"user.code", user.name, "not-registered"},
           Error(Fault::policy_refused, "no enrolment code is made for " + user.name,
                 "the user is " + user.state, "nothing was changed"),
           request.dry_run ? Keep::nothing : Keep::each);
  CodeRenewed receipt{user.name, provider.now() + sam::kEnrolmentLifetime, 0};
  if (request.dry_run) return receipt;
  const auto code = new_code(provider, user.name, before->terms, request.hand_out);
  receipt.expires_at = code.expires_at;
  const auto write = [&](store::Transaction& transaction) {
    if (must_find_user(provider, user.name).state != "registered")
      throw Error(Fault::busy, user.name + " was changed meanwhile", "", "try again");
    store::put_enrolment(transaction, code);
    return record_call(provider, transaction, user.group,
                       provider.event("user.code", audit::Outcome::done, user.name,
                                      {{"code_expires_at", to_rfc3339(code.expires_at)}}));
  };
  receipt.audit_seq = commit(provider, Hsm::not_called, write, kNobody);
  return receipt;
}

UserActivated activate_user(Provider& provider, const ActivateUser& request) {
  // Nobody vouches for the signer before his code was right; what is wrong with PIN and card says
  // nothing of who is registered.
  if (request.pin)
    refuse_weak_pin(provider, *request.pin, {"user.activate", request.user, ""},
                    request.dry_run ? Keep::nothing : Keep::one_a_minute);
  Bytes card;
  if (!request.introduction.empty())
    card =
        sam::encode(sam::check_introduction(request.introduction, provider.name(), request.user));
  UserActivated receipt{request.user, {}, 0};
  if (request.dry_run) {
    check_activation(provider, request.user);
    return receipt;
  }
  if (!request.code || !request.pin)
    throw Error(Fault::input_needed, "code and PIN are needed", "",
                "give --enrolment-code-from and --pin-from");
  std::vector<store::FactorRow> rows;
  const auto write = [&](store::Transaction& transaction) {
    Json names = Json::array();
    for (const auto& row : rows) {
      receipt.factors.push_back({store::insert_factor(transaction, row), row.type});
      names.push_back(row.type);
    }
    audit::Event event =
        provider.event("user.activate", audit::Outcome::done, request.user, {{"factors", names}});
    event.role = "signer";
    return record_call(provider, transaction, group_of_user(provider.database(), request.user),
                       event);
  };
  receipt.audit_seq = activation_module(provider)->activate(
      provider.caller(), request.user, *request.code,
      [&] { rows = rows_for(provider, request, card); }, write);
  return receipt;
}

Json to_json(const CodeRenewed& receipt) {
  return {{"user", receipt.user},
          {"code_expires_at", to_rfc3339(receipt.expires_at)},
          {"audit_seq", record_json(receipt.audit_seq)}};
}

Json to_json(const UserActivated& receipt) {
  Json factors = Json::array();
  for (const auto& factor : receipt.factors)
    factors.push_back({{"id", factor.id}, {"type", factor.type}});
  return {{"user", receipt.user},
          {"state", "active"},
          {"factors", factors},
          {"audit_seq", record_json(receipt.audit_seq)}};
}

}  // namespace tsp::ops
