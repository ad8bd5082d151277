#include "sam/context.h"
#include "sam/credential.h"
#include "sam/seal.h"

namespace tsp::sam {
namespace {

// What was known and what was held: the PIN, and the share by device or activation file.
Task task_of(const Caller& caller, const std::string& signer, store::KeyRow key,
             const Presented& factors) {
  Task task{caller, signer, std::move(key), Ask::new_pin, Bytes(32), 0, {Factor::pin}};
  if (!factors.answer.empty()) task.needed.insert(Factor::device);
  return task;
}

}  // namespace

std::int64_t SignatureActivationModule::reseal(const Caller& caller, const std::string& signer,
                                               const std::string& key, const Presented& factors,
                                               const Secret& new_pin) {
  Context& context = *state_;
  const Time now = context.clock.now();
  audit::Event event;
  event.event = "user.pin";
  event.actor = caller.name;
  event.role = "signer";
  event.subject = counted_name(signer);
  event.details = {{"key", counted_name(key)}};
  try {
    if (!factors.pin || (factors.answer.empty() && !factors.share))
      throw refusal("factor-missing", "the signer's factors are missing",
                    "the PIN is needed, and the share: a device's answer or the activation file",
                    Fault::input_needed);
    check_signer(context, signer);
    store::KeyRow row = find_signers_key(context, signer, key);
    if (row.scal != 2) throw refusal("scal", "the key " + key + " has no seal", "it is of SCAL 1");
    const Task task = task_of(caller, signer, std::move(row), factors);
    Trial trial = try_factors(context, task, factors, now);
    store::KeyRow changed = *task.key;
    const auto wrapped = open_seal(trial.seal_key, changed.id, changed.blob);
    Sealed sealed = make_seal(*context.signers, changed.id, new_pin, trial.share,
                              context.policy.pin_cost, wrapped.value());
    changed.blob = std::move(sealed.blob);
    changed.link_mac = link_mac(*context.signers, changed);
    return put(context, [&](store::Transaction& transaction) {
      accept(context, transaction, task, trial);
      store::replace_blob(transaction, changed.id, changed.blob, changed.link_mac);
      event.details["approvals_voided"] = store::delete_approvals_of(transaction, signer);
      return audit::append(transaction, now, event);
    });
  } catch (const Refusal& refusal) {
    refuse(context, event, refusal);
  }
}

}  // namespace tsp::sam
