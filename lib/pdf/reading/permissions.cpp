#include "pdf/reading/permissions.h"

#include <algorithm>

#include "base/text.h"

namespace tsp::pdf {
namespace {

[[noreturn]] void refuse_signing(const std::string& name, const std::string& why,
                                 const std::string& next) {
  throw Error(Fault::policy_refused, "cannot sign " + name, why, "nothing was changed; " + next);
}

// The strictest that any signature asks for.
std::optional<int> permissions_of(const std::vector<SignatureEntry>& signatures,
                                  std::optional<int> certification) {
  const auto take = [&certification](const std::optional<int>& value) {
    if (value && (!certification || *value < *certification)) certification = value;
  };
  for (const SignatureEntry& entry : signatures) {
    take(entry.certification);
    for (const auto& lock : {entry.field_mdp, entry.lock})
      if (lock) take(lock->permissions);
  }
  return certification;
}

}  // namespace

void check_allowed(const std::string& name, const std::vector<SignatureEntry>& signatures,
                   const std::optional<int>& certification, const Intention& intention) {
  if (intention.certification && (!signatures.empty() || certification))
    refuse_signing(name, "it is signed already, and a certification must be the first signature",
                   "sign it without --certify");
  if (intention.time_stamp) return;
  const auto permissions = permissions_of(signatures, certification);
  if (permissions == 1)
    refuse_signing(name, "an earlier signature allows no changes", "ask its signer");
  if (permissions == 2 && intention.new_field && intention.visible)
    refuse_signing(name, "an earlier signature allows no new visible field",
                   "sign invisibly, or in a field that is there");
  for (const SignatureEntry& entry : signatures)
    for (const auto& lock : {entry.field_mdp, entry.lock})
      if (lock && covers(*lock, intention.field))
        refuse_signing(name,
                       "the signature in field " + printable(entry.field) + " locked the field " +
                           printable(intention.field),
                       "ask its signer");
}

}  // namespace tsp::pdf
