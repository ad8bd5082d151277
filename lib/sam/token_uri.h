// What a token is given: a seed in one line that authenticators read. For this room alone.
#pragma once

#include <string_view>

#include "base/secret.h"

namespace tsp::sam {

// SCHEME://ISSUER:ACCOUNT?secret=BASE32&issuer=ISSUER&MORE, `scheme` with what stands before the
// label ("otpauth://totp/"), `more` as it is.
Secret token_uri(std::string_view scheme, std::string_view issuer, std::string_view account,
                 const Secret& seed, std::string_view more);

}  // namespace tsp::sam
