// Changing the PIN: everywhere, or nowhere.
#include <algorithm>

#include "sam/context.h"
#include "sam/credential.h"
#include "sam/factors.h"
#include "sam/seal.h"

namespace tsp::sam {
namespace {

// One place where the PIN is used, opened under the old one.
struct Opened {
  Task task;
  Trial trial;
};

std::vector<store::KeyRow> sealed_keys(Context& context, const std::string& signer) {
  std::vector<store::KeyRow> keys;
  for (store::KeyRow& key : store::keys_of(context.database, signer))
    if (key.state == "active" && key.scal == 2) keys.push_back(std::move(key));
  return keys;
}

std::optional<store::FactorRow> verifier_of(Context& context, const std::string& signer) {
  for (store::FactorRow& row : store::factors_of(context.database, signer))
    if (row.type == name_of(Factor::pin)) return std::move(row);
  return std::nullopt;
}

bool brings_share(const Presented& factors) {
  return factors.share || !factors.answer.empty();
}

void demand_shares(const std::vector<store::KeyRow>& keys,
                   const std::map<std::string, Presented>& given) {
  for (const store::KeyRow& key : keys) {
    const auto found = given.find(key.id);
    if (found == given.end() || !brings_share(found->second))
      throw Refusal("factor-missing",
                    Error(Fault::input_needed, "the PIN is not changed",
                          "the share of the key " + key.id +
                              " is needed: a device's answer or the activation file",
                          "nothing was changed; where the share is lost nobody can open the key "
                          "again: destroy it and make a new one"));
  }
}

// A right try is none against the signer: his next key has as many.
Trial try_once(Context& context, const Task& task, const Presented& factors, Time now) {
  Trial trial = try_factors(context, task, factors, now);
  put(context, [&](store::Transaction& transaction) {
    store::lower_attempts(transaction, counted_name(task.signer));
    return 0;
  });
  return trial;
}

// The blob sealed under the new PIN, with the same share.
store::KeyRow resealed(Context& context, const Opened& opened, const Secret& new_pin) {
  store::KeyRow key = *opened.task.key;
  const auto wrapped = open_seal(opened.trial.seal_key, key.id, key.blob);
  key.blob = make_seal(*context.signers, key.id, new_pin, opened.trial.share,
                       context.policy.pin_cost, wrapped.value())
                 .blob;
  key.link_mac = link_mac(*context.signers, key);
  return key;
}

// What was opened is what is there now: no key more, none less, no other blob.
void check_unchanged(Context& context, const std::string& signer, const std::vector<Opened>& opened,
                     std::size_t sealed) {
  const auto now = sealed_keys(context, signer);
  bool same = now.size() == sealed;
  for (const Opened& one : opened)
    if (one.task.key)
      same = same && std::any_of(now.begin(), now.end(), [&](const store::KeyRow& key) {
               return key.id == one.task.key->id && equal(key.blob, one.task.key->blob);
             });
  if (!same)
    throw refusal("keys-changed", "the PIN is not changed",
                  "the signer's keys were changed in this moment", Fault::busy);
}

}  // namespace

std::int64_t SignatureActivationModule::change_pin(const Caller& caller, const std::string& signer,
                                                   const Secret& pin,
                                                   std::map<std::string, Presented> shares,
                                                   const Secret& new_pin) {
  Context& context = *state_;
  const Time now = context.clock.now();
  audit::Event event = event_of("user.pin", caller, signer);
  try {
    if (caller.staff) check_signer(view_of(context, signer));
    const auto keys = sealed_keys(context, signer);
    const auto verifier = verifier_of(context, signer);
    if (caller.staff) demand_shares(keys, shares);
    std::vector<Opened> opened;
    const auto open = [&](std::optional<store::KeyRow> key, Presented& factors) {
      factors.pin = pin.clone();
      Task task{caller, signer, std::move(key), Ask::new_pin, Bytes(32), 0, {Factor::pin}};
      if (task.key) task.credential = task.key->id;
      if (!factors.answer.empty()) task.needed.insert(Factor::device);
      Trial trial = try_once(context, task, factors, now);
      opened.push_back({std::move(task), std::move(trial)});
    };
    Presented pin_alone;
    if (verifier || keys.empty()) open(std::nullopt, pin_alone);
    for (const store::KeyRow& key : keys)
      open(find_signers_key(context, signer, key.id), shares[key.id]);
    const SignerView view = view_of(context, signer);
    check_signer(view);

    std::vector<store::KeyRow> changed;
    for (const Opened& one : opened)
      if (one.task.key) changed.push_back(resealed(context, one, new_pin));
    const Bytes data =
        verifier ? make_pin_verifier(*context.signers, signer, new_pin, context.policy.pin_cost)
                 : Bytes();
    event.details["keys"] = Json::array();
    for (const store::KeyRow& key : changed) event.details["keys"].push_back(key.id);
    event.details["verifier"] = verifier.has_value();
    return put(context, [&](store::Transaction& transaction) {
      check_unchanged(context, signer, opened, changed.size());
      for (const Opened& one : opened) accept(context, transaction, one.task, one.trial);
      for (const store::KeyRow& key : changed)
        store::replace_blob(transaction, key.id, key.blob, key.link_mac);
      if (verifier) store::set_factor_data(transaction, verifier->id, data);
      event.details["approvals_voided"] = store::delete_approvals_of(transaction, signer);
      account(context, transaction, view.group, event.event, "done");
      return audit::append(transaction, now, event);
    });
  } catch (const Refusal& refusal) {
    add_tries(context, event, refusal);
    refuse(context, event, refusal, [&](store::Transaction& transaction) {
      for (const auto& [key, factors] : shares)
        if (const auto forget = void_refused(refusal, factors)) forget(transaction);
    });
  }
}

}  // namespace tsp::sam
