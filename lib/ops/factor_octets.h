// Factors as octets: never in JSON, sealed before they leave the process. The reading side takes
// them for hostile: Error{bad_input}.
#pragma once

#include "sam/sam.h"

namespace tsp::ops {

Secret encode(const sam::Presented& factors);
sam::Presented decode_presented(ByteView octets);

}  // namespace tsp::ops
