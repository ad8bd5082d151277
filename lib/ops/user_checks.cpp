#include "ops/user_checks.h"

#include "base/text.h"
#include "ops/activation.h"

namespace tsp::ops {

store::UserRow must_find_user(Provider& provider, const std::string& name) {
  auto row = store::find_user(provider.database(), name);
  if (!row)
    throw Error(Fault::not_found, "there is no user " + printable(name), "",
                "tsp user list names the users");
  return std::move(*row);
}

void refuse_removed(Provider& provider, const store::UserRow& user, const std::string& event,
                    Keep keep) {
  if (user.state != "removed") return;
  refuse(provider, {event, user.name, "user-removed"},
         Error(Fault::policy_refused, "nothing is changed for " + user.name,
               "the user is removed, which is never undone", "enrol the person by another name"),
         keep);
}

void refuse_weak_pin(Provider& provider, const Secret& pin, Refusal refusal, Keep keep) {
  const auto why = objection_to_new_pin(provider, pin);
  if (!why) return;
  refusal.reason = "weak-choice";
  refuse(provider, refusal,
         Error(Fault::policy_refused, "the PIN cannot be used", "it " + *why,
               "nothing was changed; choose another"),
         keep);
}

void refuse_blind_trial(const Provider& provider, const std::string& operation, bool dry_run) {
  if (!dry_run || provider.caller().staff) return;
  throw Error(Fault::not_permitted, operation + " is not tried for " + provider.caller().name,
              "a trial tells what is registered, and is for staff", "nothing was done");
}

void authenticate_signer(Provider& provider, const std::string& user, const Secret* pin) {
  if (provider.caller().staff) return;
  if (pin == nullptr)
    throw Error(Fault::input_needed, "the signer's PIN is needed",
                "who is no staff shows it with everything that is asked for a signer",
                "nothing was done; give it with --pin-from");
  sam::Presented presented;
  presented.pin = pin->clone();
  activation_module(provider)->check_factors(provider.caller(), user, presented, false);
}

}  // namespace tsp::ops
