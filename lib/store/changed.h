// For the tables' own files: what a change that was just made found.
#pragma once

#include "base/error.h"
#include "store/database.h"

namespace tsp::store {

inline void expect_changed(const Database& database, std::string_view what, std::string_view key) {
  if (database.changes() == 0)
    throw Error(Fault::not_found, "cannot change " + std::string(what) + " " + std::string(key),
                "there is none in the store");
}

// Of rows with secrets, or with what is between signer and provider: how many were changed, and
// that what they held must be forgotten.
inline std::int64_t forget_changed(Database& database) {
  const std::int64_t changed = database.changes();
  if (changed > 0) database.forget();
  return changed;
}

}  // namespace tsp::store
