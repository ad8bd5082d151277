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

}  // namespace tsp::ops
