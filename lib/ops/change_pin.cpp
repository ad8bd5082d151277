#include "ops/change_pin.h"

#include <algorithm>
#include <map>

#include "ops/activation.h"
#include "ops/user_checks.h"
#include "sam/seal.h"

namespace tsp::ops {
namespace {

std::vector<std::string> sealed_keys(Provider& provider, const std::string& user) {
  std::vector<std::string> ids;
  for (const auto& key : store::keys_of(provider.database(), user))
    if (key.state == "active" && key.scal == 2) ids.push_back(key.id);
  return ids;
}

// The second word of an activation file's line; empty where there is none.
std::string named_key(const Secret& line) {
  const std::string_view text = line.text();
  const std::size_t begin = std::min(text.find(' '), text.size() - 1) + 1;
  return std::string(text.substr(begin, text.find(' ', begin) - begin));
}

// Each line's share, by the key that it names. Staff is told of a line for no key of the signer's;
// to others it is a share that opens nothing.
std::map<std::string, sam::Presented> shares_given(const Provider& provider,
                                                   const ChangePin& request,
                                                   const std::vector<std::string>& keys) {
  const auto unusable = [&] {
    return Error(Fault::bad_input, "an activation file cannot be used",
                 "it is none, or of no SCAL 2 key of " + request.user,
                 "nothing was changed; tsp key list --user " + request.user + " names the keys");
  };
  std::map<std::string, sam::Presented> out;
  for (const Secret& line : request.shares) {
    if (line.view().empty()) throw unusable();
    const std::string key = named_key(line);
    if (provider.caller().staff && std::ranges::find(keys, key) == keys.end()) throw unusable();
    try {
      out[key].share = sam::parse_share_line(line, key);
    } catch (const Error& error) {
      if (error.fault != Fault::bad_input) throw;
      throw unusable();
    }
  }
  return out;
}

// The keys whose share only a device can bring.
std::vector<std::string> keys_on_devices(Provider& provider, const std::vector<std::string>& keys,
                                         const std::map<std::string, sam::Presented>& given) {
  std::vector<std::string> out;
  for (const std::string& key : keys) {
    if (given.count(key) != 0) continue;
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

void refuse_locked(Provider& provider, const std::string& name) {
  if (show_user(provider, name).locked)
    throw Error(Fault::locked_out, name + " is locked out", "too many wrong tries",
                "nothing was changed; an officer may use tsp user unlock " + name);
}

// What is refused before a factor is checked, and the shares that were given.
struct Checked {
  std::vector<std::string> keys, on_devices;
  std::map<std::string, sam::Presented> shares;
};

Checked check_pin_change(Provider& provider, const ChangePin& request) {
  // The signer has yet to show that he is the one.
  const Keep keep = request.dry_run ? Keep::nothing : Keep::one_a_minute;
  const store::UserRow user = must_find_user(provider, request.user);
  refuse_removed(provider, user, "user.pin", keep);
  Checked out;
  out.keys = sealed_keys(provider, user.name);
  if (request.new_pin)
    refuse_weak_pin(provider, *request.new_pin, {"user.pin", user.name, ""}, keep);
  out.shares = shares_given(provider, request, out.keys);
  out.on_devices = keys_on_devices(provider, out.keys, out.shares);
  return out;
}

}  // namespace

PinAsked ask_pin_change(Provider& provider, const ChangePin& request) {
  authenticate_signer(provider, request.user, request.pin ? &*request.pin : nullptr);
  const Checked checked = check_pin_change(provider, request);
  PinAsked out{checked.keys, {}};
  if (checked.on_devices.empty()) return out;
  const auto module = activation_module(provider);
  for (const std::string& key : checked.on_devices)
    out.requests.push_back(
        module->ask(provider.caller(), request.user, key, nullptr, sam::AnswerKey::with_caller));
  return out;
}

PinChanged change_pin(Provider& provider, const ChangePin& request) {
  PinChanged receipt{{request.user, "given a new PIN", 0, true}, {}};
  if (request.dry_run) {
    receipt.keys = check_pin_change(provider, request).keys;
    refuse_locked(provider, request.user);
    provider.session("signers");
    return receipt;
  }
  std::map<std::string, sam::Presented> shares;
  if (provider.caller().staff) {
    shares = check_pin_change(provider, request).shares;
  } else {
    if (request.new_pin)
      refuse_weak_pin(provider, *request.new_pin, {"user.pin", request.user, ""},
                      Keep::one_a_minute);
    shares = shares_given(provider, request, {});
  }
  if (!request.pin || !request.new_pin)
    throw Error(Fault::input_needed, "a PIN is needed", "", "give --pin-from and --new-pin-from");
  for (const PinAnswer& answer : request.answers) {
    sam::Presented& presented = shares[answer.key];
    presented.request = answer.request;
    presented.answer = answer.answer;
    presented.answer_key = answer.answer_key;
  }
  receipt.audit_seq = activation_module(provider)->change_pin(
      provider.caller(), request.user, *request.pin, std::move(shares), *request.new_pin);
  receipt.keys = sealed_keys(provider, request.user);
  return receipt;
}

Json to_json(const PinAsked& asked) {
  Json requests = Json::array();
  for (const sam::Asked& each : asked.requests)
    requests.push_back({{"key", each.request.credential},
                        {"request", to_hex(each.request.id)},
                        {"expires_at", to_rfc3339(each.request.expires_at)}});
  return {{"keys", asked.keys}, {"requests", std::move(requests)}};
}

Json to_json(const PinChanged& receipt) {
  Json json = to_json(static_cast<const StateChanged&>(receipt));
  json["keys"] = receipt.keys;
  return json;
}

}  // namespace tsp::ops
