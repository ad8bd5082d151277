// What stands behind Module and Session; for the sources of this room and its tests only.
//
// A thread that calls the module with a session handle holds that session's lock: Live can be
// reached only through Session::State::live, and every helper of this room takes a Live&.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "hsm/hsm.h"
#include "hsm/pkcs11.h"

namespace tsp::hsm {

// A way to wrap private keys, by the name that is kept with the blob.
struct WrapMechanism {
  CK_MECHANISM_TYPE type;
  std::string_view name;
};

// What a slot offers; asked once.
struct Mechanisms {
  std::vector<CK_MECHANISM_TYPE> all;          // sorted
  std::vector<const WrapMechanism*> wrapping;  // those that wrap and unwrap, best first; static
  bool offers(CK_MECHANISM_TYPE type) const;
};

// The PIN with which a token was opened, salted and hashed: PKCS#11 logs a process in, not a
// session, so the second session's PIN is never asked for by the module and is compared with this.
struct LoginProof {
  Bytes salt, digest;
  static LoginProof of(const Secret& pin);
  bool fits(const Secret& pin) const;
};

struct Module::State {
  std::string path;
  CK_FUNCTION_LIST* api = nullptr;  // belongs to the module's library, which is never unloaded
  std::string manufacturer;
  bool initialised_here = false;  // then C_Finalize is ours, too
  pid_t process = 0;              // a forked child must leave its parent's HSM alone
  // Held by whoever reads or writes tokens as such: SoftHSM reads a token that is being rewritten
  // by halves, and believes the half until it is initialised again. Empty where the caller of
  // load() named none; the first login then initialises again, under its own lock.
  std::string lock_path;
  std::atomic<bool> read_under_lock = false;
  // Shared by whoever walks slots or opens a session; alone for restart() and new tokens.
  std::shared_mutex life;
  std::atomic<int> sessions = 0;
  Guarded<std::map<CK_SLOT_ID, LoginProof>> logins;
  Guarded<std::map<CK_SLOT_ID, std::shared_ptr<const Mechanisms>>> mechanisms;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  bool in_own_process() const;
  std::optional<FileLock> lock() const;
  // C_Finalize and C_Initialize, so that tokens on disk are read again. Only without sessions;
  // false where there are any, or where somebody else initialised the module.
  bool restart();
};

struct Slot {
  CK_SLOT_ID id;
  CK_FLAGS flags;
  TokenInfo token;
};
// Slots with a token, also a blank one. A token that vanishes meanwhile is left out. The caller
// holds State::life and the file lock.
std::vector<Slot> slots_of(const Module::State& module);
std::shared_ptr<const Mechanisms> mechanisms_of(Module::State& module, CK_SLOT_ID slot);

// A secret key of the token, as it was when it was seen.
struct SeenKey {
  CK_OBJECT_HANDLE handle;
  bool local, sensitive, never_extractable;
};
using SeenKeys = std::multimap<std::string, SeenKey>;  // by label

// A logged-in PKCS#11 session in use.
struct Live {
  CK_FUNCTION_LIST* api;
  CK_SESSION_HANDLE session;
  CK_SLOT_ID slot;
  std::string token;  // its label, for messages
  std::shared_ptr<const Mechanisms> mechanisms;
  std::map<std::string, CK_OBJECT_HANDLE> secret_keys;  // by label, checked when found
  std::optional<SeenKeys> seen_keys{};                  // what the first search for one found
};

struct Session::State {
  const std::shared_ptr<Module> module;  // outlives the session
  const TokenInfo token;                 // as it was at login
  Guarded<Live> live;

  State(std::shared_ptr<Module> module_, TokenInfo token_, Live live_)
      : module(std::move(module_)), token(std::move(token_)), live(std::move(live_)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();  // C_CloseSession; the module logs out with the token's last session
};

}  // namespace tsp::hsm
