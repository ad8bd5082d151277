#include <algorithm>

#include "sam/context.h"

namespace tsp::sam {

GroupPolicy group_of(Context& context, const std::string& signer) {
  const auto user = store::find_user(context.database, signer);
  const std::string name = user ? user->group : "default";
  const auto row = store::find_group(context.database, name);
  if (!row)
    throw Error(Fault::tampered, "the signer's group is not in the store", name,
                "nothing was signed; restore the store from a backup");
  GroupPolicy group;
  if (user) group.name = row->name;
  group.active = row->state == "active";
  group.factors[0] = row->factors_scal1;
  group.factors[1] = row->factors_scal2;
  group.bare_hashes = row->bare_hashes && context.policy.bare_hashes;
  group.most_documents = context.policy.most_documents;
  if (row->documents > 0)
    group.most_documents = std::min(group.most_documents, static_cast<std::size_t>(row->documents));
  group.lifetime = context.policy.approval_lifetime;
  if (row->approval_seconds > 0)
    group.lifetime = std::min(group.lifetime, std::chrono::seconds(row->approval_seconds));
  return group;
}

void account(Context& context, store::Transaction& transaction, const std::string& signer,
             std::string_view operation, std::string_view outcome, std::int64_t calls) {
  constexpr std::int64_t kDay = 24 * 3600 * 1000;
  const auto user = store::find_user(context.database, signer);
  store::count_calls(transaction, {user ? user->group : "", to_unix_ms(context.clock.now()) / kDay,
                                   std::string(operation), std::string(outcome), calls});
}

}  // namespace tsp::sam
