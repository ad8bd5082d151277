// Opening a session and logging in.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <thread>

#include "crypto/digest.h"
#include "hsm/fault.h"
#include "hsm/hsm.h"
#include "hsm/objects.h"
#include "hsm/state.h"

namespace tsp::hsm {
namespace {

using std::chrono::milliseconds;

// When to look again for a token that is not there; a second in all. Another process may just be
// rewriting it, or a network HSM may be coming back.
constexpr std::array kLookAgainAfter{milliseconds(50), milliseconds(100), milliseconds(250),
                                     milliseconds(600)};

// An open session, not logged in yet. Leaving scope closes it unless it was handed on.
class OpenSession {
 public:
  OpenSession(Module::State& module, CK_SLOT_ID slot, const std::string& token) : module_(module) {
    check(module.api->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr,
                                    &handle_),
          "C_OpenSession", "cannot open token " + token);
    ++module_.sessions;
  }
  OpenSession(const OpenSession&) = delete;
  OpenSession& operator=(const OpenSession&) = delete;
  ~OpenSession() {
    if (!open_) return;
    module_.api->C_CloseSession(handle_);
    --module_.sessions;
  }
  CK_SESSION_HANDLE get() const { return handle_; }
  void hand_on() { open_ = false; }

 private:
  Module::State& module_;
  CK_SESSION_HANDLE handle_ = 0;
  bool open_ = true;
};

std::optional<Slot> find_slot(const Module::State& module, const std::string& token) {
  std::optional<Slot> found;
  for (Slot& slot : slots_of(module)) {
    if (!(slot.flags & CKF_TOKEN_INITIALIZED) || slot.token.label != token) continue;
    if (found) {
      throw Error(Fault::hsm_unavailable, "cannot log in to token " + token,
                  "the HSM has several of that name", "nothing was signed; rename one of them");
    }
    found = std::move(slot);
  }
  return found;
}

// Finds and opens the token, while nobody can restart the module.
std::unique_ptr<OpenSession> try_open(Module::State& module, const std::string& token,
                                      std::optional<Slot>& slot) {
  const std::shared_lock shared(module.life);
  slot = find_slot(module, token);
  if (!slot) return nullptr;
  return std::make_unique<OpenSession>(module, slot->id, token);
}

std::unique_ptr<OpenSession> open_token(Module::State& module, const std::string& token,
                                        std::optional<Slot>& slot) {
  if (!module.read_under_lock.exchange(true)) module.restart();
  for (const milliseconds pause : kLookAgainAfter) {
    if (auto session = try_open(module, token, slot)) return session;
    std::this_thread::sleep_for(pause);
    module.restart();
  }
  if (auto session = try_open(module, token, slot)) return session;
  throw Error(Fault::hsm_unavailable, "cannot log in to token " + token,
              "the HSM " + module.path + " has no token of that name",
              "nothing was signed and no token was made; see which tokens it has and name one");
}

void log_in(Module::State& module, CK_SESSION_HANDLE session, CK_SLOT_ID slot, const Secret& pin,
            const std::string& token) {
  const CK_RV answer =
      module.api->C_Login(session, CKU_USER, mutable_bytes(pin.view()), pin.size());
  module.logins.with([&](auto& logins) {
    if (answer == CKR_OK) {
      logins.insert_or_assign(slot, LoginProof::of(pin));
      return;
    }
    if (answer != CKR_USER_ALREADY_LOGGED_IN)
      throw error_of(answer, "C_Login", "cannot log in to token " + token);
    const auto known = logins.find(slot);
    if (known == logins.end() || !known->second.fits(pin))
      throw error_of(CKR_PIN_INCORRECT, "C_Login", "cannot log in to token " + token);
  });
}

}  // namespace

LoginProof LoginProof::of(const Secret& pin) {
  LoginProof proof{random_bytes(16), {}};
  proof.digest =
      crypto::Hasher(crypto::HashAlgorithm::sha256).update(proof.salt).update(pin.view()).finish();
  return proof;
}

bool LoginProof::fits(const Secret& pin) const {
  const Bytes other =
      crypto::Hasher(crypto::HashAlgorithm::sha256).update(salt).update(pin.view()).finish();
  return equal_in_constant_time(other, digest);
}

Session::State::~State() {
  Module::State& of_module = *module->state();
  if (!of_module.in_own_process()) return;
  live.with([](Live& session) { session.api->C_CloseSession(session.session); });
  --of_module.sessions;
}

Session::Session(std::shared_ptr<State> state) : state_(std::move(state)) {}

std::shared_ptr<Session> Session::login(std::shared_ptr<Module> module, const std::string& token,
                                        const Secret& pin, const std::string& lock_path) {
  Module::State& of_module = *module->state();
  if (!of_module.in_own_process()) {
    throw Error(Fault::failed, "cannot log in to token " + token,
                "the HSM module was loaded before this process was forked", "");
  }
  const FileLock lock(lock_path, kLoginPatienceMs);
  std::optional<Slot> slot;
  const std::unique_ptr<OpenSession> session = open_token(of_module, token, slot);
  log_in(of_module, session->get(), slot->id, pin, token);
  Live live{of_module.api, session->get(), slot->id, token, mechanisms_of(of_module, slot->id), {}};
  auto state = std::make_shared<State>(std::move(module), std::move(slot->token), std::move(live));
  session->hand_on();
  return std::make_shared<Session>(std::move(state));
}

TokenInfo Session::token() const {
  return state_->token;
}

}  // namespace tsp::hsm
