// Enrolling a signer: in one step, with factors elsewhere, or as the first of two (enrolment.h).
#include "ops/accounting.h"
#include "ops/enrolment.h"
#include "ops/factors.h"
#include "ops/groups.h"
#include "ops/recording.h"
#include "ops/signer_identity.h"
#include "ops/user_checks.h"
#include "sam/factors.h"

namespace tsp::ops {
namespace {

// Whether it is the first of two steps.
bool check_group(Provider& provider, const EnrollUser& request) {
  const Keep keep = request.dry_run ? Keep::nothing : Keep::each;
  const Refusal refusal{"user.enroll", request.name, "two-step", {{"group", request.group}}};
  refuse_suspended_group(provider, request.group, refusal, request.name + " is not enrolled", keep);
  const bool two_steps = find_group(provider, request.group).enrolment == "two-step";
  if (two_steps && request.pin)
    refuse(provider, refusal,
           Error(Fault::policy_refused, request.name + " is not enrolled with a PIN",
                 "the group " + request.group + " enrols in two steps: the signer alone sets it",
                 "nothing was changed"),
           keep);
  return two_steps || request.two_steps;
}

// Of a signer whose factors an authentication service checks: the identity alone.
UserEnrolled enroll_elsewhere(Provider& provider, const store::UserRow& row,
                              const EnrollUser& request, bool two_steps) {
  if (two_steps || request.pin)
    throw Error(Fault::usage, row.name + " cannot be enrolled with factors elsewhere and here", "",
                "nothing was changed");
  if (provider.config().text("sign.authentication_services").empty())
    refuse(provider, {"user.enroll", row.name, "no-authentication-service", {{"group", row.group}}},
           Error(Fault::policy_refused, row.name + " is not enrolled without factors",
                 "sign.authentication_services names nobody who would check them",
                 "nothing was changed"),
           request.dry_run ? Keep::nothing : Keep::each);
  UserEnrolled receipt{row.name, row.kind, row.group, {}, 0, row.state, {}};
  if (request.dry_run) return receipt;
  receipt.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    store::insert_user(transaction, row);
    return record_call(provider, transaction, row.group,
                       provider.event("user.enroll", audit::Outcome::done, row.name,
                                      {{"kind", row.kind},
                                       {"group", row.group},
                                       {"common_name", row.common_name},
                                       {"proofing_sha256", row.proofing_sha256},
                                       {"terms", request.terms},
                                       {"factors", Json::array()},
                                       {"elsewhere", true}}));
  });
  return receipt;
}

UserEnrolled enroll_in_one_step(Provider& provider, const store::UserRow& row,
                                const EnrollUser& request) {
  if (request.dry_run) return {row.name, row.kind, row.group, {}, 0, row.state, {}};
  if (!request.pin)
    throw Error(Fault::input_needed, "a PIN is needed", "", "give it with --pin-from");
  refuse_weak_pin(provider, *request.pin, {"user.enroll", row.name, "", {{"group", row.group}}},
                  Keep::each);

  const auto session = provider.session("signers");
  const Secret seed = Secret::random(kSeedSize);
  const Bytes verifier =
      sam::make_pin_verifier(*session, row.name, *request.pin, provider.pin_cost());
  const Bytes sealed = sam::seal_seed(*session, row.name, seed);

  UserEnrolled receipt{row.name, row.kind, row.group, {}, 0, row.state, {}};
  // Handed out before anything is written: a signer whose secret nobody has could never sign, while
  // the secret of a signer who was not enrolled is good for nothing.
  if (!request.hand_out)
    throw Error(Fault::input_needed, "the TOTP secret has nowhere to go", "",
                "give --totp-uri-out FILE");
  request.hand_out(sam::totp_uri(provider.name(), row.name, seed));
  const auto write = [&](store::Transaction& transaction) {
    store::insert_user(transaction, row);
    const auto pin_id =
        store::insert_factor(transaction, {0, row.name, "pin", verifier, 0, row.created_at});
    const auto totp_id =
        store::insert_factor(transaction, {0, row.name, "totp", sealed, 0, row.created_at});
    receipt.factors = {{pin_id, "pin"}, {totp_id, "totp"}};
    const Json details = {{"kind", row.kind},
                          {"group", row.group},
                          {"common_name", row.common_name},
                          {"proofing_sha256", row.proofing_sha256},
                          {"terms", request.terms},
                          {"factors", {"pin", "totp"}},
                          {"steps", 1}};
    return record_call(provider, transaction, row.group,
                       provider.event("user.enroll", audit::Outcome::done, row.name, details));
  };
  receipt.audit_seq = commit(provider, Hsm::not_called, write,
                             "nothing was signed and nobody was enrolled; look at the disk and try "
                             "again");
  return receipt;
}

}  // namespace

UserEnrolled enroll_user(Provider& provider, const EnrollUser& request) {
  check_identity(request);
  if (const auto user = store::find_user(provider.database(), request.name)) {
    refuse_removed(provider, *user, "user.enroll", request.dry_run ? Keep::nothing : Keep::each);
    throw Error(Fault::already_exists, "the user " + request.name + " is there already", "",
                "nothing was changed; tsp user show " + request.name);
  }
  const bool two_steps = check_group(provider, request);
  store::UserRow row = identity_of(provider, request);
  if (request.elsewhere) return enroll_elsewhere(provider, row, request, two_steps);
  if (two_steps) return register_user(provider, std::move(row), request);
  return enroll_in_one_step(provider, row, request);
}

Json to_json(const UserEnrolled& receipt) {
  Json factors = Json::array();
  for (const auto& factor : receipt.factors)
    factors.push_back({{"id", factor.id}, {"type", factor.type}});
  Json json = {{"user", receipt.user},   {"kind", receipt.kind},
               {"group", receipt.group}, {"state", receipt.state},
               {"factors", factors},     {"audit_seq", record_json(receipt.audit_seq)}};
  if (receipt.code_expires_at) json["code_expires_at"] = to_rfc3339(*receipt.code_expires_at);
  return json;
}

}  // namespace tsp::ops
