// libtsp_p11proxy.so: a PKCS#11 module that forwards every function to a real one and makes
// trouble at a chosen call. Settings, read from the environment at each C_GetFunctionList:
//
//   TSP_P11_REAL=PATH         the real module (needed)
//   TSP_P11_AT=N              at the Nth counted call, from 1; without it calls are only counted
//   TSP_P11_FUNCTION=NAME     counts only this function, e.g. C_Sign
//   TSP_P11_KIND=ckr          answers TSP_P11_CKR without calling the real module (default)
//               =hang         never answers
//               =kill         SIGKILL before the real module is called
//               =flip         makes the call, then flips one bit of what C_Sign or C_SignFinal
//                             signed or C_WrapKey wrapped; other functions are left as they are
//   TSP_P11_CKR=NUMBER        default 0x32, CKR_DEVICE_REMOVED
//   TSP_P11_STAY=1            every later counted call meets the same
//   TSP_P11_WHILE_FILE=PATH   every counted call meets it while this file is there, whatever its
//                             number: trouble that comes and goes under a running server
//   TSP_P11_COUNT_FILE=PATH   gets the total, as decimal text
//   TSP_P11_LOG_FILE=PATH     gets a line a call: number and name
//   TSP_P11_ONE_COUNT=1       the count goes on where the program loads the module again; else it
//                             begins anew
//
// The functions that count are those in COUNTED below; the others are the real module's own.
// A question for the size of an output (a null pointer in its place) never counts. The count goes
// on over forked children.
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <tuple>

#include "fault/counter.h"

// clang-format off
#define COUNTED(X) \
  X(C_Initialize) X(C_Finalize) X(C_GetSlotList) X(C_GetTokenInfo) X(C_InitToken) X(C_InitPIN) \
  X(C_OpenSession) X(C_CloseSession) X(C_Login) X(C_Logout) X(C_CreateObject) \
  X(C_DestroyObject) X(C_GetAttributeValue) X(C_SetAttributeValue) X(C_FindObjectsInit) \
  X(C_FindObjects) X(C_GenerateKey) X(C_GenerateKeyPair) X(C_WrapKey) X(C_UnwrapKey) \
  X(C_DeriveKey) X(C_EncryptInit) X(C_Encrypt) X(C_DecryptInit) X(C_Decrypt) X(C_SignInit) \
  X(C_Sign) X(C_SignUpdate) X(C_SignFinal) X(C_GenerateRandom)
// clang-format on

namespace {

using tsp::fault::Counter;

enum class Kind { ckr, hang, kill, flip };
enum class Hit { no, yes };

#define NAME_IN_ENUM(name) k##name,
enum Function : int { COUNTED(NAME_IN_ENUM) kCount };
#undef NAME_IN_ENUM

#define NAME_IN_TEXT(name) #name,
constexpr const char* kNames[] = {COUNTED(NAME_IN_TEXT)};
#undef NAME_IN_TEXT

struct Settings {
  unsigned long at;
  const char* function;
  Kind kind;
  CK_RV answer;
  bool stay;
  const char* while_file;
};

Settings settings;
Counter counter;
CK_FUNCTION_LIST* module = nullptr;
CK_FUNCTION_LIST ours;

Kind kind_setting() {
  const char* kind = tsp::fault::setting("TSP_P11_KIND");
  if (kind == nullptr || std::strcmp(kind, "ckr") == 0) return Kind::ckr;
  if (std::strcmp(kind, "hang") == 0) return Kind::hang;
  if (std::strcmp(kind, "kill") == 0) return Kind::kill;
  if (std::strcmp(kind, "flip") == 0) return Kind::flip;
  std::fprintf(stderr, "libtsp_p11proxy: unknown TSP_P11_KIND %s\n", kind);
  Counter::die();
}

Hit count(Function function) {
  if (settings.function != nullptr && std::strcmp(settings.function, kNames[function]) != 0)
    return Hit::no;
  const unsigned long number = counter.next(kNames[function], "");
  const bool now = settings.while_file != nullptr && ::access(settings.while_file, F_OK) == 0;
  const bool hit = now || (settings.at != 0 &&
                           (number == settings.at || (settings.stay && number > settings.at)));
  return hit ? Hit::yes : Hit::no;
}

// Functions whose last two arguments are an output and its size, asked for with a null output.
constexpr bool has_output(Function function) {
  return function == kC_Sign || function == kC_SignFinal || function == kC_WrapKey;
}

template <Function F, auto Member, class... Arguments>
CK_RV forward(Arguments... arguments) {
  CK_BYTE* output = nullptr;
  const CK_ULONG* size = nullptr;
  if constexpr (has_output(F)) {
    const std::tuple all(arguments...);
    output = std::get<sizeof...(Arguments) - 2>(all);
    size = std::get<sizeof...(Arguments) - 1>(all);
    if (output == nullptr) return (module->*Member)(arguments...);
  }
  const Hit hit = count(F);
  if (hit == Hit::yes) {
    switch (settings.kind) {
      case Kind::ckr:
        return settings.answer;
      case Kind::hang:
        for (;;) ::pause();
      case Kind::kill:
        Counter::die();
      case Kind::flip:
        break;
    }
  }
  const CK_RV answer = (module->*Member)(arguments...);
  if (hit == Hit::yes && answer == CKR_OK && output != nullptr && *size > 0) output[*size / 2] ^= 1;
  return answer;
}

// Puts forward() in the place of one member of the function list.
template <Function F, auto Member, class... Arguments>
void replace(CK_RV (*CK_FUNCTION_LIST::*)(Arguments...)) {
  ours.*Member = &forward<F, Member, Arguments...>;
}

// True when the count of an earlier load is to go on. The library then stays in memory, so that
// there is something to go on with.
bool goes_on() {
  if (tsp::fault::number_setting("TSP_P11_ONE_COUNT", 0) == 0) return false;
  Dl_info self{};
  if (::dladdr(&ours, &self) != 0) ::dlopen(self.dli_fname, RTLD_NOW | RTLD_NODELETE);
  return counter.started();
}

CK_RV load_module() {
  if (module != nullptr) return CKR_OK;
  const char* path = tsp::fault::setting("TSP_P11_REAL");
  void* library = path != nullptr ? ::dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (library == nullptr) {
    std::fprintf(stderr, "libtsp_p11proxy: TSP_P11_REAL names no module\n");
    return CKR_GENERAL_ERROR;
  }
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  if (get == nullptr) return CKR_GENERAL_ERROR;
  return get(&module);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) CK_RV C_GetFunctionList(
    CK_FUNCTION_LIST_PTR_PTR list) {
  if (list == nullptr) return CKR_ARGUMENTS_BAD;
  const CK_RV loaded = load_module();
  if (loaded != CKR_OK) return loaded;
  settings.at = tsp::fault::number_setting("TSP_P11_AT", 0);
  settings.function = tsp::fault::setting("TSP_P11_FUNCTION");
  settings.kind = kind_setting();
  settings.answer = tsp::fault::number_setting("TSP_P11_CKR", CKR_DEVICE_REMOVED);
  settings.stay = tsp::fault::number_setting("TSP_P11_STAY", 0) != 0;
  settings.while_file = tsp::fault::setting("TSP_P11_WHILE_FILE");
  if (!goes_on())
    counter.start(tsp::fault::setting("TSP_P11_COUNT_FILE"),
                  tsp::fault::setting("TSP_P11_LOG_FILE"));
  ours = *module;
  ours.C_GetFunctionList = &C_GetFunctionList;
#define REPLACE(name) replace<k##name, &CK_FUNCTION_LIST::name>(&CK_FUNCTION_LIST::name);
  COUNTED(REPLACE)
#undef REPLACE
  *list = &ours;
  return CKR_OK;
}
