// Enrolment in two steps, so that no officer ever knows what a signer signs with: the officer
// registers the identity and hands out a code; the signer alone activates with it, sets his PIN and
// receives the secret of his token or binds his device. One step: ops/users.h.
#pragma once

#include <functional>

#include "ops/users.h"
#include "sam/requirement.h"

namespace tsp::ops {

// Whether EnrollUser in this group is the first of two steps whatever it asks for; false for a
// group that is not there.
bool enrols_in_two_steps(Provider& provider, const std::string& group);

// The first step. `row` is checked; it is written as `registered`, with the code's MAC.
UserEnrolled register_user(Provider& provider, store::UserRow row, const EnrollUser& request);

struct RenewCode {
  std::string user;
  std::function<void(const Secret&)> hand_out;  // as EnrollUser::hand_out_code
  bool dry_run = false;
};
struct CodeRenewed {
  std::string user;
  Time expires_at{};
  std::int64_t audit_seq = 0;
};
// Another code for a registered signer; the old one is void. Error{not_found}; {policy_refused}, on
// record, for one who is not registered any more. Does NOT give him tries back: unlock_user().
CodeRenewed renew_enrolment_code(Provider& provider, const RenewCode& request);

struct ActivateUser {
  std::string user;
  std::optional<Secret> code, pin;  // both there but for a dry run
  Bytes introduction;               // of his device (sam/device.h), or empty
  // Called with the URI for the signer's token, where his group's policy asks for one, before the
  // change is stored; what it throws ends the activation, and the code stays good.
  std::function<void(sam::Factor, const Secret&)> hand_out;
  bool dry_run = false;
};
struct UserActivated {
  std::string user;
  std::vector<FactorInfo> factors;
  std::int64_t audit_seq = 0;
};
// The second step. The factors are those of the first alternative of the group's policy for SCAL 1
// that can be met (a device needs its card, sent codes an e-mail address), a PIN always, and the
// device whose card was given. Errors: SignatureActivationModule::activate(); {policy_refused} for
// a weak PIN and for a foreign device, before the code is looked at; {input_needed} where no
// alternative can be met, the code staying good.
UserActivated activate_user(Provider& provider, const ActivateUser& request);

Json to_json(const CodeRenewed& receipt);
Json to_json(const UserActivated& receipt);

}  // namespace tsp::ops
