// Keys that are made for one approval alone, and their certificates (tsp sign --one-shot): by the
// group's profile where that is a validity-assured one, else `short-lived` or, for a legal person,
// `short-lived-seal`. What is known of them before the signer approves, and what is made after it.
// Checking the approval and using the key are the signature activation module's.
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

// What the signer is to approve. Error{not_found} for a profile that is not there,
// {policy_refused} for one of keys that the HSM would not make.
sam::OneShot plan_one_shot(Provider& provider, const store::UserRow& user, int scal);
// Everything that can be known before there is a key: the pre-issuance check, with a key that the
// HSM makes and forgets, and that the issuing key is there. Error{policy_refused} with every
// objection, {hsm_unavailable}.
void check_one_shot(Provider& provider, const std::string& user, const sam::OneShot& approved);
// On record, its signer told (certify.h). A certificate that policy refuses is on record, too.
x509::Certificate certify_one_shot(Provider& provider, const sam::OneShotKey& key);

}  // namespace tsp::ops
