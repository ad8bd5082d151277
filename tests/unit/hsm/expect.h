// What the tests of this room share: the Error that a call throws, and another PKCS#11 session
// beside the one under test, as somebody who holds the PIN has it.
#pragma once

#include <functional>

#include "base/error.h"
#include "hsm/fault.h"
#include "hsm/objects.h"
#include "support/catch.h"
#include "support/softhsm_fixture.h"

namespace tsp::hsm {

inline Error error_in(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  FAIL("no Error was thrown");
  throw std::logic_error("unreachable");
}

inline CK_SLOT_ID slot_of(const Module& module, const std::string& token) {
  for (const Slot& slot : slots_of(*module.state()))
    if (slot.token.label == token) return slot.id;
  throw std::logic_error("no such token");
}

// A second session of the process; the login is shared.
class OtherSession {
 public:
  explicit OtherSession(Module& module, const std::string& token = "signers")
      : live{module.state()->api, 0, slot_of(module, token), token, nullptr, {}} {
    REQUIRE(live.api->C_OpenSession(live.slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr,
                                    nullptr, &live.session) == CKR_OK);
  }
  OtherSession(const OtherSession&) = delete;
  OtherSession& operator=(const OtherSession&) = delete;
  ~OtherSession() { live.api->C_CloseSession(live.session); }

  std::vector<CK_OBJECT_HANDLE> session_objects(CK_OBJECT_CLASS kind) {
    Template wanted;
    wanted.number(CKA_CLASS, kind).flag(CKA_TOKEN, false);
    return find_all(live, wanted);
  }

  Live live;
};

// Replaces functions of a loaded module: an HSM that answers what a test wants. Undone with it.
class Impostor {
 public:
  explicit Impostor(Module& module)
      : state_(*module.state()), real_(state_.api), functions(*state_.api) {
    state_.api = &functions;
  }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;
  ~Impostor() { state_.api = real_; }

 private:
  Module::State& state_;
  CK_FUNCTION_LIST* real_;

 public:
  CK_FUNCTION_LIST functions;
};

}  // namespace tsp::hsm
