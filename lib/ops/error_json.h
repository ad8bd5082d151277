// Errors as the JSON object of docs/errors.md: of a failed document of several, and across a
// socket.
#pragma once

#include "base/error.h"
#include "base/json.h"

namespace tsp::ops {

Json error_json(const Error& error);
// The error object back as an Error; what is none of ours is Error{failed}.
Error error_from_json(const Json& json);

}  // namespace tsp::ops
