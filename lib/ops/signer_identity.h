// Who a signer is, as he is enrolled: what may be said of him, and what the store keeps of it.
#pragma once

#include "ops/users.h"

namespace tsp::ops {

// What the request alone tells: whether everything is there and a certificate can carry it.
// Error{usage}, {bad_input}. Does NOT look whether the name is free.
void check_identity(const EnrollUser& request);
// The row of a signer who is active. The country is the TSP's where none is given.
store::UserRow identity_of(Provider& provider, const EnrollUser& request);

}  // namespace tsp::ops
