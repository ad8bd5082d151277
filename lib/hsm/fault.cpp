#include "hsm/fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tsp::hsm {
namespace {

// What a person can do about a code. The groups are few; a code without a group gets `look`.
enum class Way { reconnect, pin, pin_locked, space, algorithm, permission, protection, look };

struct Row {
  CK_RV code;
  std::string_view name;
  std::string_view meaning;  // empty where the name says it
  Way way = Way::look;
  Fault fault = Fault::hsm_unavailable;
};

constexpr Row kRows[] = {
    {CKR_HOST_MEMORY, "CKR_HOST_MEMORY", "the computer has no memory left", Way::space},
    {CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID", "the HSM is gone", Way::reconnect},
    {CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR", "the HSM failed and does not say why"},
    {CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", "the HSM failed and does not say why"},
    {CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD", ""},
    {CKR_CANT_LOCK, "CKR_CANT_LOCK", "the module cannot be used by several threads"},
    {CKR_ATTRIBUTE_READ_ONLY, "CKR_ATTRIBUTE_READ_ONLY", "", Way::algorithm},
    {CKR_ATTRIBUTE_SENSITIVE, "CKR_ATTRIBUTE_SENSITIVE", "the HSM does not reveal it"},
    {CKR_ATTRIBUTE_TYPE_INVALID, "CKR_ATTRIBUTE_TYPE_INVALID",
     "the HSM does not know an attribute that protects keys", Way::algorithm},
    {CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID", "", Way::algorithm},
    {CKR_ACTION_PROHIBITED, "CKR_ACTION_PROHIBITED", "the HSM's policy forbids it",
     Way::permission},
    {CKR_DATA_INVALID, "CKR_DATA_INVALID", ""},
    {CKR_DATA_LEN_RANGE, "CKR_DATA_LEN_RANGE", ""},
    {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", "the HSM reports a defect", Way::reconnect},
    {CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", "the token is full", Way::space},
    {CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", "the HSM is gone", Way::reconnect},
    {CKR_ENCRYPTED_DATA_INVALID, "CKR_ENCRYPTED_DATA_INVALID", ""},
    {CKR_ENCRYPTED_DATA_LEN_RANGE, "CKR_ENCRYPTED_DATA_LEN_RANGE", ""},
    {kAeadDecryptFailed, "CKR_AEAD_DECRYPT_FAILED", ""},
    {CKR_FUNCTION_CANCELED, "CKR_FUNCTION_CANCELED", "", Way::reconnect},
    {CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED", "the HSM does not offer it",
     Way::algorithm},
    {CKR_FUNCTION_REJECTED, "CKR_FUNCTION_REJECTED", "the HSM's policy forbids it",
     Way::permission},
    {CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", "the key is no longer in the HSM", Way::look,
     Fault::not_found},
    {CKR_KEY_SIZE_RANGE, "CKR_KEY_SIZE_RANGE", "", Way::algorithm},
    {CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT", ""},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED",
     "the key may not be used for this", Way::permission, Fault::policy_refused},
    {CKR_KEY_NOT_WRAPPABLE, "CKR_KEY_NOT_WRAPPABLE", "the HSM does not wrap such a key",
     Way::algorithm},
    {CKR_KEY_UNEXTRACTABLE, "CKR_KEY_UNEXTRACTABLE", "the key may not leave the HSM",
     Way::permission, Fault::policy_refused},
    {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", "the HSM does not offer this algorithm",
     Way::algorithm},
    {CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID", "", Way::algorithm},
    {CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", "the key is no longer in the HSM",
     Way::look, Fault::not_found},
    {CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE", "", Way::reconnect},
    {CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED", "", Way::reconnect},
    {CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", "the HSM refuses the PIN", Way::pin},
    {CKR_PIN_INVALID, "CKR_PIN_INVALID", "the HSM refuses the PIN's characters", Way::pin},
    {CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE", "the HSM refuses the PIN's length", Way::pin},
    {CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", "the HSM's PIN has expired", Way::pin_locked},
    {CKR_PIN_LOCKED, "CKR_PIN_LOCKED", "the HSM has locked the PIN", Way::pin_locked},
    {CKR_PIN_TOO_WEAK, "CKR_PIN_TOO_WEAK", "the HSM calls the PIN too weak", Way::pin},
    {CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", "the HSM closed the session", Way::reconnect},
    {CKR_SESSION_COUNT, "CKR_SESSION_COUNT", "the HSM takes no more sessions", Way::reconnect},
    {CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID",
     "the HSM does not know the session any more", Way::reconnect},
    {CKR_SESSION_READ_ONLY, "CKR_SESSION_READ_ONLY", "", Way::protection},
    {CKR_SIGNATURE_INVALID, "CKR_SIGNATURE_INVALID", ""},
    {CKR_TEMPLATE_INCOMPLETE, "CKR_TEMPLATE_INCOMPLETE", "", Way::algorithm},
    {CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT",
     "the HSM refuses the attributes asked for", Way::algorithm},
    {CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", "the token is gone", Way::reconnect},
    {CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", "the token cannot be read",
     Way::reconnect},
    {CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED", "the token is write-protected",
     Way::protection},
    {CKR_UNWRAPPING_KEY_HANDLE_INVALID, "CKR_UNWRAPPING_KEY_HANDLE_INVALID",
     "the wrapping key is no longer in the HSM", Way::look, Fault::not_found},
    {CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, "CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT", ""},
    {CKR_USER_ALREADY_LOGGED_IN, "CKR_USER_ALREADY_LOGGED_IN", ""},
    {CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", "the HSM logged us out", Way::reconnect},
    {CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED",
     "the token has no user PIN: setting it up was interrupted"},
    {CKR_USER_ANOTHER_ALREADY_LOGGED_IN, "CKR_USER_ANOTHER_ALREADY_LOGGED_IN",
     "somebody else is logged in to the token", Way::reconnect},
    {CKR_USER_TOO_MANY_TYPES, "CKR_USER_TOO_MANY_TYPES", "", Way::reconnect},
    {CKR_WRAPPED_KEY_INVALID, "CKR_WRAPPED_KEY_INVALID", "the wrapped key is damaged", Way::look,
     Fault::tampered},
    {CKR_WRAPPED_KEY_LEN_RANGE, "CKR_WRAPPED_KEY_LEN_RANGE", "the wrapped key is damaged",
     Way::look, Fault::tampered},
    {CKR_WRAPPING_KEY_HANDLE_INVALID, "CKR_WRAPPING_KEY_HANDLE_INVALID",
     "the wrapping key is no longer in the HSM", Way::look, Fault::not_found},
    {CKR_WRAPPING_KEY_TYPE_INCONSISTENT, "CKR_WRAPPING_KEY_TYPE_INCONSISTENT", ""},
    {CKR_DOMAIN_PARAMS_INVALID, "CKR_DOMAIN_PARAMS_INVALID", "", Way::algorithm},
    {CKR_CURVE_NOT_SUPPORTED, "CKR_CURVE_NOT_SUPPORTED", "the HSM does not offer this curve",
     Way::algorithm},
    {CKR_BUFFER_TOO_SMALL, "CKR_BUFFER_TOO_SMALL", ""},
    {CKR_RANDOM_NO_RNG, "CKR_RANDOM_NO_RNG", "the HSM has no random numbers", Way::reconnect},
    {CKR_FIPS_SELF_TEST_FAILED, "CKR_FIPS_SELF_TEST_FAILED", "the HSM failed its self-test",
     Way::reconnect},
    {CKR_LIBRARY_LOAD_FAILED, "CKR_LIBRARY_LOAD_FAILED", "the module misses a library of its own"},
    {CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED",
     "the module was shut down behind our back", Way::reconnect},
    {CKR_CRYPTOKI_ALREADY_INITIALIZED, "CKR_CRYPTOKI_ALREADY_INITIALIZED", ""},
};

std::string_view advice(Way way) {
  switch (way) {
    case Way::reconnect:
      return "nothing was signed; connect the HSM, see that it answers, and run this again";
    case Way::pin:
      return "nothing was signed; it was tried once and will not be tried again, since some HSMs "
             "lock: give the right PIN";
    case Way::pin_locked:
      return "nothing was signed; the HSM's security officer has to set a new PIN";
    case Way::space:
      return "nothing was signed; make room and run this again";
    case Way::algorithm:
      return "nothing was signed; choose another algorithm, or an HSM that offers this one";
    case Way::permission:
      return "nothing was signed; the key's attributes or the HSM's policy say so";
    case Way::protection:
      return "nothing was signed; make the token writable";
    case Way::look:
      break;
  }
  return "nothing was signed; the HSM's own log may say more";
}

const Row* row_of(CK_RV code) {
  const auto* found = std::ranges::find(kRows, code, &Row::code);
  return found == std::end(kRows) ? nullptr : found;
}

}  // namespace

std::string name_of(CK_RV code) {
  if (code == CKR_OK) return "CKR_OK";
  const Row* row = row_of(code);
  return row ? std::string(row->name) : fmt::format("CKR_0x{:08x}", code);
}

Error error_of(CK_RV code, std::string_view function, std::string what) {
  const Row* row = row_of(code);
  std::string why = fmt::format("{} answered {}", function, name_of(code));
  if (row && !row->meaning.empty()) why = fmt::format("{} ({})", row->meaning, why);
  return {row ? row->fault : Fault::hsm_unavailable, std::move(what), std::move(why),
          std::string(advice(row ? row->way : Way::look))};
}

bool is_bad_data(CK_RV code) {
  constexpr std::array kCodes{CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE,
                              CKR_WRAPPED_KEY_INVALID,    CKR_WRAPPED_KEY_LEN_RANGE,
                              CKR_SIGNATURE_INVALID,      kAeadDecryptFailed};
  return std::ranges::find(kCodes, code) != kCodes.end();
}

bool is_vague(CK_RV code) {
  return code == CKR_GENERAL_ERROR || code == CKR_FUNCTION_FAILED;
}

}  // namespace tsp::hsm
