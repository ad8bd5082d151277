// Another PIN, by the signer: everywhere it is used, or nowhere. A SCAL 1 verifier is replaced; the
// seal of each SCAL 2 key is opened and made anew, for which its share is needed: from an
// activation file, or by an answer of the signer's device. A lost PIN or share means a new key:
// nobody can open the old one.
#pragma once

#include <memory>

#include "crypto/exchange.h"
#include "ops/call.h"
#include "ops/users.h"

namespace tsp::ops {

// What a device answered to a request about a key (sam::SignatureActivationModule::ask without a
// manifest), and the key that the answer is sealed to.
struct PinAnswer {
  std::string key;
  Bytes request, answer;
  std::shared_ptr<const crypto::ExchangeKey> answer_key;
};
struct ChangePin {
  std::string user;
  std::optional<Secret> pin, new_pin;  // both there but for a dry run
  std::vector<Secret> shares;          // lines of activation files (sam/seal.h)
  std::vector<PinAnswer> answers;      // for the keys whose share only a device has
  bool dry_run = false;
};
// What stands before a device is asked, and the requests to it. Whoever is not staff gives the PIN,
// a try like any other; a signer whose PIN only the seals of his keys know is then refused: an
// officer helps. Errors as change_pin().
struct PinAsked {
  std::vector<std::string> keys;  // that will be sealed anew
  // Of those whose share only a device can bring; the keys that the answers are sealed to are here.
  std::vector<sam::Asked> requests;
};
PinAsked ask_pin_change(Provider& provider, const ChangePin& request);

struct PinChanged : StateChanged {
  std::vector<std::string> keys;  // sealed anew
};
// The old PIN counts as a try like any other. Error{input_needed} where a key's share is neither
// given nor answered; {bad_input} for a line that is of no key of the signer; else as
// SignatureActivationModule::change_pin(), which alone judges for callers who are not staff. A dry
// run checks all but PIN and shares; it counts no try and leaves no record.
PinChanged change_pin(Provider& provider, const ChangePin& request);

// As a call carries them: the member `answers` and the secret `answer_keys`, a line for each key.
// Error{usage}.
std::vector<PinAnswer> answers_of(const Call& call);
Secret answer_keys_of(const PinAsked& asked);
std::vector<Secret> lines_of(const Secret& text);

Json to_json(const PinAsked& asked);
Json to_json(const PinChanged& receipt);

}  // namespace tsp::ops
