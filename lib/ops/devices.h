// What a signer's device asks of the TSP: the requests that wait for it, and a place for its
// answers. The device itself: sam/device.h.
#pragma once

#include "ops/provider.h"
#include "sam/device.h"

namespace tsp::ops {

struct WaitingQuestion {
  sam::DeviceQuestion question;
  bool answered = false;
  bool by_file = false;  // its answer goes back in the session's file, not through the store
};
// Soonest end first; expired ones are left out. Error{not_found}: no such signer, or this device is
// not one of his factors.
std::vector<WaitingQuestion> questions_for(Provider& provider, const std::string& user,
                                           const sam::DeviceCard& card);

// Keeps an answer for whoever waits; whether it is right he finds out. Errors as
// SignatureActivationModule::deliver().
void deliver_answer(Provider& provider, const Bytes& request, ByteView answer);

}  // namespace tsp::ops
