// Time-stamps that are queued in the PKI worker, asked for in three ways, made as one group. For
// desk_pki.cpp.
#pragma once

#include "serve/desk_public.h"

namespace tsp::serve {

bool asks_for_stamp(const Request& request);

// One answer a request, in their order. `act_for` puts the caller in place, and throws what refuses
// him.
std::vector<Answer> answer_stamps(ops::Provider& provider, PublicDesk& desk,
                                  const std::vector<Request>& requests,
                                  const std::function<void(const Request&)>& act_for);

}  // namespace tsp::serve
