// Groups of service providers: the profile of their signers' certificates, the factors they need,
// how they are enrolled, what one approval may cover, and the key their applications show. Request
// in, receipt out. There is no verb that removes or renames a group: its signers and its accounts
// stay. Signing under a group's rules is the signature activation module's (sam).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ops/refusals.h"

namespace tsp::ops {

// What an API key is kept as: the SHA-256, in hex, of its text as it was shown. The text is "tsp_"
// and 32 random octets in base32.
std::string api_key_digest(const Secret& key);

struct EditGroup {
  enum class ApiKey { keep, make, none };

  std::string name;  // 1–64 of a–z 0–9 . _ -, begins with a letter or digit
  // What is given is set; a new group has the rest from the table's defaults: by the kind of
  // person, pin+totp, pin+device, one-step, yes, as the configuration says; credentials are not
  // listed.
  std::optional<std::string> profile;                       // empty: by the kind of person
  std::optional<std::string> factors_scal1, factors_scal2;  // sam/requirement.h
  std::optional<std::string> enrolment;                     // one-step, two-step
  std::optional<bool> bare_hashes;
  std::optional<std::int64_t> documents;         // 0: as the configuration says
  std::optional<std::chrono::seconds> approval;  // the same
  std::optional<std::int64_t> seal_operators;    // 0: no machine signs; 1, 2 approve a window
  std::optional<bool> lists_credentials;         // whether its API key may list credentials
  std::optional<std::string> state;              // active, suspended
  ApiKey api_key = ApiKey::keep;
  // Called with a new key before its digest is written to the store; what it throws ends the verb.
  std::function<void(const Secret&)> hand_out;
  bool dry_run = false;
};
struct GroupInfo {
  store::GroupRow row;
  std::int64_t documents = 0;        // in force: the group's, or the configuration's
  std::chrono::seconds approval{0};  // the same
  std::int64_t signers = 0;          // removed ones not counted
};
struct GroupChanged {
  GroupInfo group;
  bool changed = true;  // false: it was so already
  std::int64_t audit_seq = 0;
};
// Error{already_exists} for a name; {not_found} for a group or profile; {bad_input} for factors
// that cannot be required; {policy_refused}, on record, for a profile that is not for signers and
// for more than the configuration allows.
GroupChanged add_group(Provider& provider, const EditGroup& request);
GroupChanged set_group(Provider& provider, const EditGroup& request);

store::GroupRow find_group(Provider& provider, const std::string& name);  // Error{not_found}
// Throws Error{policy_refused}, on record by `refusal` with the reason group-suspended, where the
// group is suspended; `what` says what is refused.
void refuse_suspended_group(Provider& provider, const std::string& name, Refusal refusal,
                            const std::string& what, Keep keep);
GroupInfo show_group(Provider& provider, const std::string& name);  // Error{not_found}
std::vector<GroupInfo> list_groups(Provider& provider);             // by name

Json to_json(const GroupInfo& group);
Json to_json(const GroupChanged& receipt);

}  // namespace tsp::ops
