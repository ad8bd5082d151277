// Codes sent out of band: by the channel to signers, with the documents that they are good for.
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

// Sends the code of an activation request to the address of the signer's out-of-band factor (to
// each, where he has several; one delivery is enough), now and in this call, with the list of
// documents as every screen shows it. Does nothing where no code is to be sent. On record as
// "code.sent". Where it cannot be delivered the request is void, Error{busy}; where there is no
// channel, or it is refused, {policy_refused}: nothing was signed. The code is in no record and no
// error.
void send_code(Provider& provider, const sam::Asked& asked);

}  // namespace tsp::ops
