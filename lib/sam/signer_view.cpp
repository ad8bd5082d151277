#include <algorithm>

#include "sam/context.h"

namespace tsp::sam {

namespace {

Refusal may_not(std::string reason, const SignerView& signer, std::string why) {
  return refusal(std::move(reason), "the signer " + signer.name + " may not sign", std::move(why));
}

}  // namespace

SignerView view_of(Context& context, const std::string& signer) {
  const auto user = store::find_user(context.database, signer);
  const std::string name = user ? user->group : "default";
  const auto row = store::find_group(context.database, name);
  if (!row)
    throw Error(Fault::tampered, "the signer's group is not in the store", name,
                "nothing was signed; restore the store from a backup");
  SignerView view;
  view.name = signer;
  if (user) view.state = user->state;
  GroupPolicy& group = view.group;
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
  return view;
}

void check_signer(const SignerView& signer) {
  if (!signer.state)
    throw refusal("signer-unknown", "there is no signer of that name", "", Fault::not_found);
  if (*signer.state == "suspended")
    throw may_not("signer-suspended", signer, "the signer is suspended");
  if (*signer.state != "active")
    throw may_not("signer-not-active", signer, "the signer is " + *signer.state);
  if (!signer.group.active)
    throw may_not("group-suspended", signer, "the group " + signer.group.name + " is suspended");
}

void account(Context& context, store::Transaction& transaction, const GroupPolicy& group,
             std::string_view operation, std::string_view outcome, std::int64_t calls) {
  constexpr std::int64_t kDay = 24 * 3600 * 1000;
  store::count_calls(transaction, {group.name, to_unix_ms(context.clock.now()) / kDay,
                                   std::string(operation), std::string(outcome), calls});
}

}  // namespace tsp::sam
