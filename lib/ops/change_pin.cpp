#include "ops/change_pin.h"

#include <map>
#include <thread>

#include "ops/activation.h"
#include "ops/user_checks.h"
#include "sam/seal.h"

namespace tsp::ops {
namespace {

constexpr std::chrono::milliseconds kLookAgain{200};

std::vector<std::string> sealed_keys(Provider& provider, const std::string& user) {
  std::vector<std::string> ids;
  for (const auto& key : store::keys_of(provider.database(), user))
    if (key.state == "active" && key.scal == 2) ids.push_back(key.id);
  return ids;
}

// Each line's share, by the key that it names.
std::map<std::string, sam::Presented> shares_given(const ChangePin& request,
                                                   const std::vector<std::string>& keys) {
  std::map<std::string, sam::Presented> out;
  for (const Secret& line : request.shares) {
    bool known = false;
    for (const std::string& key : keys) {
      try {
        out[key].share = sam::parse_share_line(line, key);
        known = true;
      } catch (const Error& error) {
        if (error.fault != Fault::bad_input) throw;
      }
    }
    if (!known)
      throw Error(Fault::bad_input, "an activation file cannot be used",
                  "it is none, or of no SCAL 2 key of " + request.user,
                  "nothing was changed; tsp key list --user " + request.user + " names the keys");
  }
  return out;
}

// The keys whose share only a device can bring.
std::vector<std::string> keys_on_devices(Provider& provider, const std::vector<std::string>& keys,
                                         const std::map<std::string, sam::Presented>& given) {
  std::vector<std::string> out;
  for (const std::string& key : keys) {
    const auto found = given.find(key);
    if (found != given.end() && found->second.share) continue;
    if (store::shares_of(provider.database(), key).empty())
      throw Error(Fault::input_needed, "the PIN is not changed",
                  "the key " + key + " is sealed under it, and its share is not there",
                  "nothing was changed; give the activation file with --share-from file:PATH. "
                  "Where it is lost nobody can open the key again: destroy the key with tsp key "
                  "destroy and make a new one");
    out.push_back(key);
  }
  return out;
}

Bytes wait_for_answer(Provider& provider, sam::SignatureActivationModule& module,
                      const sam::ActivationRequest& request) {
  for (;;) {
    provider.world().stop_if_asked();
    try {
      if (auto answer = module.answer_to(request.id)) return std::move(*answer);
    } catch (const Error& error) {
      if (error.fault != Fault::not_found) throw;
      throw Error(Fault::input_needed, "the PIN is not changed",
                  "the device did not answer in time", "nothing was changed; try again");
    }
    std::this_thread::sleep_for(kLookAgain);
  }
}

// Asks the signer's device for what the activation files did not bring.
void ask_device(Provider& provider, sam::SignatureActivationModule& module,
                const ChangePin& request, const std::vector<std::string>& keys,
                std::map<std::string, sam::Presented>& shares) {
  if (keys.empty()) return;
  std::vector<sam::ActivationRequest> waiting;
  for (const std::string& key : keys) {
    const sam::Asked asked =
        module.ask(provider.caller(), request.user, key, nullptr, sam::AnswerKey::with_caller);
    shares[key].request = asked.request.id;
    shares[key].answer_key = asked.answer_key;
    waiting.push_back(asked.request);
  }
  request.waiting(waiting);
  for (std::size_t at = 0; at < keys.size(); ++at)
    shares[keys[at]].answer = wait_for_answer(provider, module, waiting[at]);
}

void refuse_locked(Provider& provider, const std::string& name) {
  if (show_user(provider, name).locked)
    throw Error(Fault::locked_out, name + " is locked out", "too many wrong tries",
                "nothing was changed; an officer may use tsp user unlock " + name);
}

}  // namespace

PinChanged change_pin(Provider& provider, const ChangePin& request) {
  const store::UserRow user = must_find_user(provider, request.user);
  // The signer has yet to show that he is the one.
  const Keep keep = request.dry_run ? Keep::nothing : Keep::one_a_minute;
  refuse_removed(provider, user, "user.pin", keep);
  if (request.new_pin)
    refuse_weak_pin(provider, *request.new_pin, {"user.pin", user.name, ""}, keep);
  PinChanged receipt{{user.name, "given a new PIN", 0, true}, sealed_keys(provider, user.name)};
  auto shares = shares_given(request, receipt.keys);
  const auto on_devices = keys_on_devices(provider, receipt.keys, shares);
  if (request.dry_run) {
    refuse_locked(provider, user.name);
    provider.session("signers");
    return receipt;
  }
  if (!request.pin || !request.new_pin)
    throw Error(Fault::input_needed, "a PIN is needed", "", "give --pin-from and --new-pin-from");
  const auto module = activation_module(provider);
  ask_device(provider, *module, request, on_devices, shares);
  receipt.audit_seq = module->change_pin(provider.caller(), user.name, *request.pin,
                                         std::move(shares), *request.new_pin);
  return receipt;
}

Json to_json(const PinChanged& receipt) {
  Json json = to_json(static_cast<const StateChanged&>(receipt));
  json["keys"] = receipt.keys;
  return json;
}

}  // namespace tsp::ops
