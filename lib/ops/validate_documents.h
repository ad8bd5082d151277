// Validation of documents (`tsp validate`).
#pragma once

#include "ops/provider.h"
#include "validation/report.h"

namespace tsp::ops {

struct ValidateDocument {
  std::string file;
  std::vector<std::string> trust;  // PEM files and folders
  std::optional<Home> home;  // its root is trusted and its CRLs are evidence, where one stands
  std::optional<Time> at;
  bool offline = false;
};
validation::Report validate_document(const World& world, const ValidateDocument& request);
Json to_json(const validation::Report& report);

}  // namespace tsp::ops
