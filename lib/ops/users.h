// Signers: enrol, look up, suspend, resume. Activation: ops/enrolment.h; PIN: ops/change_pin.h.
// Request in, receipt out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ops/provider.h"

namespace tsp::ops {

struct EnrollUser {
  std::string name;              // 1–64 of a–z 0–9 . _ - @, begins with a letter or digit
  std::string kind = "natural";  // natural, legal
  std::string group = "default";
  std::string common_name, given_name, surname, serial_number, organization, organization_id, email,
      country;
  std::string proofing_sha256;  // of the proofing record, lower-case hex, or empty
  std::string terms;            // version of the terms that were accepted, or empty
  std::optional<Secret> pin;    // one step: PIN and TOTP now
  bool two_steps = false;       // asked for; a group can make it so
  bool elsewhere = false;       // an authentication service has the factors: none is kept here
  // Called with the otpauth URI before the signer is written to the store; what it throws ends the
  // enrolment.
  std::function<void(const Secret&)> hand_out;
  // Two steps: the same with the enrolment code.
  std::function<void(const Secret&)> hand_out_code;
  bool dry_run = false;
};
struct FactorInfo {
  std::int64_t id;
  std::string type;
};
struct UserEnrolled {
  std::string user, kind, group;
  std::vector<FactorInfo> factors;
  std::int64_t audit_seq = 0;
  std::string state = "active";         // two steps: registered
  std::optional<Time> code_expires_at;  // two steps
};
UserEnrolled enroll_user(Provider& provider, const EnrollUser& request);

struct UserInfo {
  store::UserRow row;
  std::vector<FactorInfo> factors;
  std::vector<std::string> keys, certificates;  // ids and serials
  std::int64_t tries_left = 0;
  bool locked = false;
};
// By name: the first `most` after this one.
std::vector<UserInfo> list_users(Provider& provider, const std::string& after, std::size_t most);
UserInfo show_user(Provider& provider, const std::string& name);  // Error{not_found}

struct StateChanged {
  std::string user, state;
  std::int64_t audit_seq = 0;
  bool changed = true;  // false: it was so already
};
StateChanged suspend_user(Provider& provider, const std::string& name, bool dry_run);
// Only who was suspended; one who had yet to activate has to again (state `registered`).
// Error{policy_refused}, on record, for one who is registered.
StateChanged resume_user(Provider& provider, const std::string& name, bool dry_run);
StateChanged unlock_user(Provider& provider, const std::string& name, bool dry_run);

Json to_json(const UserEnrolled& receipt);
Json to_json(const UserInfo& user);
Json to_json(const StateChanged& receipt);

}  // namespace tsp::ops
