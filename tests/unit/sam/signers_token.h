// A SoftHSM token `signers` with the keys that this room needs, and the fault of a call.
#pragma once

#include "base/error.h"
#include "sam/factors.h"
#include "support/softhsm_fixture.h"

namespace tsp::sam {

inline constexpr crypto::Argon2 kQuick{64, 1, 1};

inline Secret secret(std::string_view text) {
  return Secret::copy_of(as_bytes(text));
}

template <class Act>
std::string fault_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return std::string(fault_row(error.fault).name);
  }
  return "none";
}

struct SignersToken {
  test::SoftHsm hsm;
  std::shared_ptr<hsm::Session> session = with_keys("signers");

  std::shared_ptr<hsm::Session> with_keys(const std::string& token) {
    auto made = hsm.session(token);
    made->generate_wrapping_key(kMasterKey);
    made->generate_mac_key(kLinkKey);
    made->generate_mac_key(kPepperKey);
    made->generate_seal_key(kSeedKey);
    return made;
  }
};

}  // namespace tsp::sam
