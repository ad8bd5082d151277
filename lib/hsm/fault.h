// From CKR_ codes to Error. One table; nothing is swallowed.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "hsm/pkcs11.h"

namespace tsp::hsm {

// "CKR_PIN_INCORRECT"; a code outside the table by its number, "CKR_0x80000001".
std::string name_of(CK_RV code);

// What went wrong with `function` ("C_Sign"): `what` says what this was for ("cannot sign with key
// root"), the code's row says why and what to do next.
Error error_of(CK_RV code, std::string_view function, std::string what);

// Throws error_of() for every code but CKR_OK.
inline void check(CK_RV code, std::string_view function, std::string_view what) {
  if (code != CKR_OK) throw error_of(code, function, std::string(what));
}

// Codes with which the HSM says "these bytes are not mine", and those that say nothing and may mean
// the same (SoftHSM answers CKR_GENERAL_ERROR to a damaged blob and to a wrong GCM tag).
bool is_bad_data(CK_RV code);
bool is_vague(CK_RV code);

}  // namespace tsp::hsm
