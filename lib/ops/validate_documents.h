// Validation of documents (`tsp validate`).
#pragma once

#include <memory>

#include "ops/backend.h"
#include "ops/trust.h"
#include "validation/context.h"
#include "validation/report.h"

namespace tsp::ops {

struct ValidateDocument {
  std::string file;
  std::vector<std::string> trust;  // PEM files and folders
  std::optional<Home> home;  // its root is trusted and its CRLs are evidence, where one stands
  std::optional<OwnEvidence> own{};  // the same of a TSP elsewhere, as its server says it
  // What tsp trust keeps, loaded once for all documents; nothing: not used.
  std::shared_ptr<const LoadedTrust> kept_trust{};
  std::optional<Time> at;
  bool offline = false;
  std::optional<validation::Policy> policy{};  // nothing: the built-in one
  // What is the same for many documents, made once by prepare_validation().
  std::shared_ptr<const validation::Context> prepared{};
};
// Whom to trust and what is at hand, by the request's words; the file is not looked at.
std::shared_ptr<const validation::Context> prepare_validation(const World& world,
                                                              const ValidateDocument& request);
// A policy file (docs/formats/validation-policy.md). Error{bad_input} with file and line.
validation::Policy load_validation_policy(const std::string& path);

validation::Report validate_document(const World& world, const ValidateDocument& request);
Json to_json(const validation::Report& report);

}  // namespace tsp::ops
