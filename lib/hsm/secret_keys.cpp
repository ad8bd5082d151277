// Finding AES and HMAC keys. Who signs needs several: the first search takes what the token has, as
// SoftHSM reads the file of every object in each search.
#include "hsm/fault.h"
#include "hsm/hsm.h"
#include "hsm/keys.h"

namespace tsp::hsm {
namespace {

constexpr std::size_t kMostSeen = 64;  // a token with more is searched for each label

SeenKey seen_key(CK_OBJECT_HANDLE handle, const Values& values) {
  return {handle, is_true(values[0]), is_true(values[1]), is_true(values[2])};
}

SeenKeys see_keys(Live& live) {
  Template wanted;
  wanted.number(CKA_CLASS, CKO_SECRET_KEY).flag(CKA_TOKEN, true);
  SeenKeys out;
  const std::vector<CK_OBJECT_HANDLE> handles = find_all(live, wanted);
  if (handles.size() > kMostSeen) return out;
  for (const CK_OBJECT_HANDLE handle : handles) {
    const Values values =
        read_attributes(live, handle, {CKA_LOCAL, CKA_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_LABEL});
    if (values[3]) out.emplace(std::string(as_text(*values[3])), seen_key(handle, values));
  }
  return out;
}

void look_once(Live& live) {
  if (!live.seen_keys) live.seen_keys = see_keys(live);
}

SeenKey look_for(Live& live, const std::string& label) {
  look_once(live);
  const auto [first, last] = live.seen_keys->equal_range(label);
  if (first != last) {
    if (std::next(first) != last) throw several_keys(live, label);
    return first->second;
  }
  const auto found = find_one(live, CKO_SECRET_KEY, label);  // made since
  if (!found) throw no_such_key(live, label);
  return seen_key(*found,
                  read_attributes(live, *found, {CKA_LOCAL, CKA_SENSITIVE, CKA_NEVER_EXTRACTABLE}));
}

}  // namespace

void refuse_exposed(const std::string& label, bool local, bool sensitive, bool never_extractable) {
  const char* why = !local               ? "it was not made in this HSM"
                    : !sensitive         ? "the HSM would show it"
                    : !never_extractable ? "it could once leave the HSM"
                                         : nullptr;
  if (!why) return;
  throw Error(Fault::policy_refused, "cannot use key " + label, why,
              "nothing was signed; use a key that this program made");
}

Error no_such_key(const Live& live, const std::string& label) {
  return {Fault::not_found, "cannot use key " + label,
          "token " + live.token + " has no key of that name",
          "nothing was signed; see that this is the right token"};
}

CK_OBJECT_HANDLE secret_key(Live& live, const std::string& label) {
  if (const auto known = live.secret_keys.find(label); known != live.secret_keys.end())
    return known->second;
  const SeenKey key = look_for(live, label);
  refuse_exposed(label, key.local, key.sensitive, key.never_extractable);
  live.secret_keys.emplace(label, key.handle);
  return key.handle;
}

void Session::look_around() {
  state_->live.with([](Live& live) { look_once(live); });
}

void forget_secret_key(Live& live, const std::string& label) {
  live.secret_keys.erase(label);
  if (live.seen_keys) live.seen_keys->erase(label);
}

}  // namespace tsp::hsm
