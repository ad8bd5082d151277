// A failed document of several, as the JSON of docs/errors.md.
#pragma once

#include "base/error.h"
#include "base/json.h"

namespace tsp::ops {

Json error_json(const Error& error);

}  // namespace tsp::ops
