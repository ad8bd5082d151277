// A signer's factors: add, list, remove, renew. What a policy asks for: sam/requirement.h.
#pragma once

#include <functional>

#include "ops/users.h"
#include "sam/requirement.h"

namespace tsp::ops {

inline constexpr std::size_t kSeedSize = 20;  // octets of what a TOTP or HOTP token holds

struct AddFactor {
  std::string user;
  sam::Factor type = sam::Factor::totp;
  Bytes introduction;   // device: its card, signed for this signer (sam/device.h)
  std::string address;  // oob: where codes go; empty: the signer's e-mail address
  std::optional<Secret>
      pin;  // pin: the new one. Else the signer's, where his group wants him there
  // totp, hotp, ocra: called with the URI for the signer's token before anything is stored.
  std::function<void(const Secret&)> hand_out;
  bool dry_run = false;
};
struct FactorChanged {
  std::string user;
  FactorInfo factor;
  std::int64_t audit_seq = 0;
};
// Error{policy_refused}: the signer is not active; a second PIN; a device introduced to somebody
// else; in a group that enrols in two steps, without the signer's PIN: no officer adds a factor
// alone, nor a PIN for one who has none.
FactorChanged add_factor(Provider& provider, const AddFactor& request);
// A new secret in place of the factor `id` (totp, hotp, ocra), in one transaction; refused as
// add_factor(), {not_found} for a factor that is not the signer's, {usage} for one of another kind.
FactorChanged reset_factor(Provider& provider, const AddFactor& request, std::int64_t id);

// What is stored of a token (totp, hotp, ocra), made once its URI was handed out: a signer whose
// secret nobody has could never use it, while the secret of a factor that was not added is good for
// nothing. What `hand_out` throws ends it.
Bytes token_for(Provider& provider, const std::string& user, sam::Factor type,
                const std::function<void(const Secret&)>& hand_out);

// Nothing opens a SCAL 2 key without its share: the last device that holds one cannot be removed
// while the key is there (Error{policy_refused}). In a group that enrols in two steps the signer's
// PIN is needed, and the PIN itself stays: whoever could take it away could give another. Requests
// and approvals that wait are void. Error{not_found}.
struct RemoveFactor {
  std::string user;
  std::int64_t id = 0;
  std::optional<Secret> pin;  // the signer's, where his group wants him there
  bool dry_run = false;
};
FactorChanged remove_factor(Provider& provider, const RemoveFactor& request);

struct FactorRow {
  FactorInfo info;
  std::string detail;  // a device's name, an address; never a secret
  Time created_at;
};
std::vector<FactorRow> list_factors(Provider& provider, const std::string& user);

Json to_json(const FactorChanged& receipt);
Json to_json(const FactorRow& factor);

}  // namespace tsp::ops
