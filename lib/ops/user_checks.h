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

// Of verbs that signers and their applications may ask for:
// A trial says what is registered: it is for staff. Error{not_permitted} for others.
void refuse_blind_trial(const Provider& provider, const std::string& operation, bool dry_run);
// Whoever is not staff shows the signer's PIN first, a try like any other, and learns nothing of
// the signer before; nothing is asked of staff. Errors: check_factors() of sam/sam.h;
// {input_needed} without a PIN.
void authenticate_signer(Provider& provider, const std::string& user, const Secret* pin);

}  // namespace tsp::ops
