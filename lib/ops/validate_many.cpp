#include "ops/validate_many.h"

#include "ops/in_parallel.h"
#include "ops/shared_fetcher.h"

namespace tsp::ops {
namespace {

Validated validate_one(const World& world, const ValidateDocument& common,
                       const std::string& file) {
  ValidateDocument request = common;
  request.file = file;
  Validated out{file, {}, {}};
  try {
    out.report = validate_document(world, request);
  } catch (const Error& error) {
    if (error.fault == Fault::interrupted) throw;
    out.error = error;
  } catch (const std::exception& error) {
    out.error = Error(Fault::failed, "cannot validate " + file, error.what());
  }
  return out;
}

}  // namespace

void validate_many(const World& world, ValidateDocument request,
                   const std::vector<std::string>& files,
                   const std::function<void(const Validated&)>& take) {
  if (!request.prepared) request.prepared = prepare_validation(world, request);
  std::optional<SharedFetcher> fetcher;
  World shared = world;
  if (world.fetcher != nullptr) shared.fetcher = &fetcher.emplace(*world.fetcher);
  in_parallel<Validated>(
      world, files.size(),
      [&](std::size_t index) { return validate_one(shared, request, files[index]); }, take);
}

}  // namespace tsp::ops
