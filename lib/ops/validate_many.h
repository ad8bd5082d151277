// Many documents at once, over the processors.
#pragma once

#include <functional>

#include "base/error.h"
#include "ops/validate_documents.h"

namespace tsp::ops {

struct Validated {
  std::string file;
  std::optional<validation::Report> report;
  std::optional<Error> error;  // where there is no report
};

// Calls `take` with each result in the order of the files, on the caller's thread, as soon as all
// before it are there. request.file is not looked at. What `take` throws, and world.stop's
// Error{interrupted}, ends the work.
void validate_many(const World& world, ValidateDocument request,
                   const std::vector<std::string>& files,
                   const std::function<void(const Validated&)>& take);

}  // namespace tsp::ops
