// The types of PKCS#11 v2.40, for the sources of this room and its tests only, and the few
// constants of v3.0 that p11-kit's header lacks.
#pragma once

#include <p11-kit/pkcs11.h>

namespace tsp::hsm {

inline constexpr CK_MECHANISM_TYPE kAesKeyWrapKwp = 0x210B;  // CKM_AES_KEY_WRAP_KWP, RFC 5649
inline constexpr CK_RV kAeadDecryptFailed = 0x42;            // CKR_AEAD_DECRYPT_FAILED
inline constexpr CK_OBJECT_HANDLE kNoObject = 0;             // CK_INVALID_HANDLE

}  // namespace tsp::hsm
