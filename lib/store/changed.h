// For the tables' own files: a change by key that found no row is an error.
#pragma once

#include "base/error.h"
#include "store/database.h"

namespace tsp::store {

inline void expect_changed(const Database& database, std::string_view what, std::string_view key) {
  if (database.changes() == 0)
    throw Error(Fault::not_found, "cannot change " + std::string(what) + " " + std::string(key),
                "there is none in the store");
}

}  // namespace tsp::store
