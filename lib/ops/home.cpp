#include "ops/home.h"

#include "base/files.h"

namespace tsp::ops {

bool Home::stands() const {
  return exists(database());
}

}  // namespace tsp::ops
