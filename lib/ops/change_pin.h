// Another PIN, by the signer: everywhere it is used, or nowhere. A SCAL 1 verifier is replaced; the
// seal of each SCAL 2 key is opened and made anew, for which its share is needed: from an
// activation file, or by an answer of the signer's device. A lost PIN or share means a new key:
// nobody can open the old one.
#pragma once

#include "ops/users.h"
#include "sam/request.h"

namespace tsp::ops {

struct ChangePin {
  std::string user;
  std::optional<Secret> pin, new_pin;  // both there but for a dry run
  std::vector<Secret> shares;          // lines of activation files (sam/seal.h)
  // Called with the requests that the signer's device is asked to approve, before it is waited for.
  std::function<void(const std::vector<sam::ActivationRequest>&)> waiting =
      [](const std::vector<sam::ActivationRequest>&) {};
  bool dry_run = false;
};
struct PinChanged : StateChanged {
  std::vector<std::string> keys;  // sealed anew
};
// The old PIN counts as a try like any other. Error{input_needed} where a key's share is neither
// given nor on a device, and where the device did not answer in time; {bad_input} for a line that
// is of no key of the signer; else as SignatureActivationModule::change_pin(). A dry run checks all
// but PIN and shares; it counts no try, asks no device and leaves no record.
PinChanged change_pin(Provider& provider, const ChangePin& request);

Json to_json(const PinChanged& receipt);

}  // namespace tsp::ops
