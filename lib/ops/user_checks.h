// What the verbs about signers ask first, each refusal on record.
#pragma once

#include "ops/refusals.h"

namespace tsp::ops {

store::UserRow must_find_user(Provider& provider, const std::string& name);  // Error{not_found}
// Who was removed stays so: Error{policy_refused} for what `event` would do.
void refuse_removed(Provider& provider, const store::UserRow& user, const std::string& event,
                    Keep keep);
// Error{policy_refused} for a new PIN that is too easy to guess. `refusal` names the verb and what
// it is about; the reason is filled in.
void refuse_weak_pin(Provider& provider, const Secret& pin, Refusal refusal, Keep keep);

}  // namespace tsp::ops
