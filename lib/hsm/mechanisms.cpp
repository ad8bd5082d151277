// What a slot offers, and how it wraps private keys.
#include <algorithm>
#include <array>

#include "hsm/fault.h"
#include "hsm/state.h"

namespace tsp::hsm {
namespace {

// Both are RFC 5649 (key wrap with padding) over the PKCS#8 of the key, under the number of
// PKCS#11 v2.40 and of v3.0. SoftHSM has the first.
constexpr std::array kWrapMechanisms{
    WrapMechanism{CKM_AES_KEY_WRAP_PAD, "aes-key-wrap-pad"},
    WrapMechanism{kAesKeyWrapKwp, "aes-key-wrap-kwp"},
};

}  // namespace

bool Mechanisms::offers(CK_MECHANISM_TYPE type) const {
  return std::ranges::binary_search(all, type);
}

std::shared_ptr<const Mechanisms> mechanisms_of(Module::State& module, CK_SLOT_ID slot) {
  return module.mechanisms.with([&](auto& cached) -> std::shared_ptr<const Mechanisms> {
    if (const auto known = cached.find(slot); known != cached.end()) return known->second;
    auto offered = std::make_shared<Mechanisms>();
    CK_ULONG count = 0;
    check(module.api->C_GetMechanismList(slot, nullptr, &count), "C_GetMechanismList",
          "cannot ask what the HSM offers");
    offered->all.resize(count);
    check(module.api->C_GetMechanismList(slot, offered->all.data(), &count), "C_GetMechanismList",
          "cannot ask what the HSM offers");
    offered->all.resize(count);
    std::ranges::sort(offered->all);
    for (const WrapMechanism& mechanism : kWrapMechanisms) {
      CK_MECHANISM_INFO info{};
      if (!offered->offers(mechanism.type)) continue;
      check(module.api->C_GetMechanismInfo(slot, mechanism.type, &info), "C_GetMechanismInfo",
            "cannot ask what the HSM offers");
      if ((info.flags & CKF_WRAP) && (info.flags & CKF_UNWRAP))
        offered->wrapping.push_back(&mechanism);
    }
    return cached.emplace(slot, std::move(offered)).first->second;
  });
}

}  // namespace tsp::hsm
