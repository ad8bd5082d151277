#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>

#include "base/text.h"
#include "hsm/fault.h"
#include "hsm/hsm.h"
#include "hsm/state.h"

namespace tsp::hsm {
namespace {

[[noreturn]] void refuse_module(const std::string& path, const std::string& why) {
  throw Error(Fault::hsm_unavailable, "cannot use " + path + " as an HSM", why,
              "nothing was signed; name the shared library that came with the HSM (SoftHSM: "
              "/usr/lib/softhsm/libsofthsm2.so)");
}

// PKCS#11 pads texts with blanks; they come from outside.
template <std::size_t N>
std::string text_of(const CK_UTF8CHAR (&field)[N]) {
  std::string_view text(reinterpret_cast<const char*>(field), N);
  text = text.substr(0, text.find('\0'));
  return printable(text.substr(0, text.find_last_not_of(' ') + 1));
}

// The library stays loaded: modules leave thread-local destructors and exit handlers behind, and
// PKCS#11 promises nothing about unloading. What turns out to be no module is unloaded.
CK_FUNCTION_LIST* functions_of(const std::string& path) {
  if (path.empty()) refuse_module("\"\"", "no module is named");
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* reason = ::dlerror();
    refuse_module(path, reason ? reason : "it cannot be loaded");
  }
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  if (!get) {
    ::dlclose(library);
    refuse_module(path, "it is a library but no PKCS#11 module (it has no C_GetFunctionList)");
  }
  CK_FUNCTION_LIST* api = nullptr;
  check(get(&api), "C_GetFunctionList", "cannot use " + path + " as an HSM");
  if (!api) refuse_module(path, "C_GetFunctionList gave nothing");
  if (api->version.major < 2 || (api->version.major == 2 && api->version.minor < 20))
    refuse_module(path, "it speaks a PKCS#11 older than v2.20");
  return api;
}

// False where the module was initialised by somebody else in this process.
bool initialise(CK_FUNCTION_LIST* api, const std::string& path) {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV answer = api->C_Initialize(&arguments);
  if (answer == CKR_CRYPTOKI_ALREADY_INITIALIZED) return false;
  check(answer, "C_Initialize", "cannot start the HSM module " + path);
  return true;
}

bool says_softhsm(std::string_view text) {
  return text.find("SoftHSM") != std::string_view::npos;
}

}  // namespace

Module::State::~State() {
  if (initialised_here && in_own_process()) api->C_Finalize(nullptr);
}

bool Module::State::in_own_process() const {
  return process == ::getpid();
}

std::optional<FileLock> Module::State::lock() const {
  if (lock_path.empty()) return std::nullopt;
  return std::optional<FileLock>(std::in_place, lock_path, kLoginPatienceMs);
}

bool Module::State::restart() {
  const std::unique_lock alone(life);
  if (sessions != 0 || !initialised_here) return false;
  check(api->C_Finalize(nullptr), "C_Finalize", "cannot restart the HSM module " + path);
  initialised_here = false;
  initialised_here = initialise(api, path);
  mechanisms.with([](auto& cached) { cached.clear(); });
  return true;
}

Module::Module(std::shared_ptr<State> state) : state_(std::move(state)) {}
Module::~Module() = default;

std::shared_ptr<Module> Module::load(const std::string& path, const std::string& lock_path) {
  auto state = std::make_shared<State>();
  state->path = path;
  state->api = functions_of(path);
  state->process = ::getpid();
  state->lock_path = lock_path;
  {
    const auto quiet = state->lock();
    state->initialised_here = initialise(state->api, path);
    state->read_under_lock = quiet.has_value();
  }
  CK_INFO info{};
  check(state->api->C_GetInfo(&info), "C_GetInfo", "cannot use " + path + " as an HSM");
  state->manufacturer = text_of(info.manufacturerID);
  return std::shared_ptr<Module>(new Module(std::move(state)));
}

namespace {

TokenInfo token_info(const CK_TOKEN_INFO& info) {
  constexpr CK_FLAGS kReady = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED;
  return {
      text_of(info.label),
      text_of(info.manufacturerID),
      text_of(info.model),
      text_of(info.serialNumber),
      std::to_string(info.firmwareVersion.major) + "." + std::to_string(info.firmwareVersion.minor),
      (info.flags & kReady) == kReady};
}

}  // namespace

std::vector<Slot> slots_of(const Module::State& module) {
  std::vector<CK_SLOT_ID> ids;
  CK_RV answer = CKR_BUFFER_TOO_SMALL;
  while (answer == CKR_BUFFER_TOO_SMALL) {  // a token may come between the two calls
    CK_ULONG count = 0;
    check(module.api->C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList",
          "cannot list the HSM's tokens");
    ids.resize(count);
    answer = module.api->C_GetSlotList(CK_TRUE, ids.data(), &count);
    if (answer == CKR_OK) ids.resize(count);
  }
  check(answer, "C_GetSlotList", "cannot list the HSM's tokens");
  std::vector<Slot> slots;
  for (const CK_SLOT_ID id : ids) {
    CK_TOKEN_INFO info{};
    answer = module.api->C_GetTokenInfo(id, &info);
    if (answer == CKR_TOKEN_NOT_PRESENT || answer == CKR_TOKEN_NOT_RECOGNIZED) continue;
    check(answer, "C_GetTokenInfo", "cannot read a token");
    slots.push_back({id, info.flags, token_info(info)});
  }
  return slots;
}

std::vector<TokenInfo> Module::tokens() const {
  const auto quiet = state_->lock();
  const std::shared_lock shared(state_->life);
  std::vector<TokenInfo> tokens;
  for (Slot& slot : slots_of(*state_))
    if (slot.flags & CKF_TOKEN_INITIALIZED) tokens.push_back(std::move(slot.token));
  return tokens;
}

std::optional<TokenInfo> Module::find_token(const std::string& label) const {
  for (TokenInfo& token : tokens())
    if (token.label == label) return std::move(token);
  return std::nullopt;
}

bool Module::is_softhsm() const {
  if (says_softhsm(state_->manufacturer)) return true;
  // A module that passes calls on (p11-kit's proxy) still shows whose tokens these are.
  const std::vector<TokenInfo> all = tokens();
  return std::ranges::any_of(all, [](const TokenInfo& token) {
    return says_softhsm(token.manufacturer) || says_softhsm(token.model);
  });
}

}  // namespace tsp::hsm
