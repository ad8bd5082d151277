// Making a token: C_InitToken, then the user PIN by the security officer.
#include <algorithm>
#include <array>
#include <mutex>

#include "hsm/fault.h"
#include "hsm/hsm.h"
#include "hsm/objects.h"
#include "hsm/state.h"

namespace tsp::hsm {
namespace {

constexpr std::size_t kLabelSize = 32;  // octets, padded with blanks

CK_SLOT_ID free_slot(const Module::State& module, const std::string& label) {
  const std::vector<Slot> slots = slots_of(module);
  for (const Slot& slot : slots) {
    if (!(slot.flags & CKF_TOKEN_INITIALIZED) || slot.token.label != label) continue;
    throw Error(Fault::already_exists, "cannot make the token " + label,
                slot.token.initialised
                    ? "there is one"
                    : "there is one without a user PIN: an earlier attempt was interrupted",
                "nothing was changed; take another label, or remove that token");
  }
  const auto blank = std::ranges::find_if(
      slots, [](const Slot& slot) { return !(slot.flags & CKF_TOKEN_INITIALIZED); });
  if (blank == slots.end()) {
    throw Error(Fault::hsm_unavailable, "cannot make the token " + label,
                "the HSM has no free slot", "nothing was changed; free a slot or partition");
  }
  return blank->id;
}

// A security officer's session; leaving scope logs out.
class OfficerSession {
 public:
  OfficerSession(CK_FUNCTION_LIST* api, CK_SLOT_ID slot, const Secret& so_pin) : api_(api) {
    check(
        api_->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &handle_),
        "C_OpenSession", "cannot open the new token");
    const CK_RV answer =
        api_->C_Login(handle_, CKU_SO, mutable_bytes(so_pin.view()), so_pin.size());
    if (answer != CKR_OK) api_->C_CloseSession(handle_);
    check(answer, "C_Login", "cannot log in to the new token as its security officer");
  }
  OfficerSession(const OfficerSession&) = delete;
  OfficerSession& operator=(const OfficerSession&) = delete;
  ~OfficerSession() {
    api_->C_Logout(handle_);
    api_->C_CloseSession(handle_);
  }
  void set_user_pin(const Secret& pin) {
    check(api_->C_InitPIN(handle_, mutable_bytes(pin.view()), pin.size()), "C_InitPIN",
          "cannot set the new token's PIN");
  }

 private:
  CK_FUNCTION_LIST* api_;
  CK_SESSION_HANDLE handle_ = 0;
};

}  // namespace

void Module::initialise_token(const std::string& label, const Secret& so_pin, const Secret& pin) {
  if (label.empty() || label.size() > kLabelSize) {
    throw Error(Fault::usage, "cannot make the token \"" + label + "\"",
                "a token's label has 1 to 32 octets", "nothing was changed");
  }
  const auto quiet = state_->lock();
  const std::unique_lock alone(state_->life);
  const CK_SLOT_ID slot = free_slot(*state_, label);
  std::array<CK_UTF8CHAR, kLabelSize> padded;
  padded.fill(' ');
  std::ranges::copy(label, padded.begin());
  check(state_->api->C_InitToken(slot, mutable_bytes(so_pin.view()), so_pin.size(), padded.data()),
        "C_InitToken", "cannot make the token " + label);
  OfficerSession(state_->api, slot, so_pin).set_user_pin(pin);
}

}  // namespace tsp::hsm
