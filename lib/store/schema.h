// Brings an opened file to the current schema; used by database.cpp only.
#pragma once

#include "store/sqlite.h"

namespace tsp::store {

// "TSP1" in the file's header: tells our stores from other SQLite files.
inline constexpr std::int64_t kApplicationId = 0x54535031;

// Refuses what is not our store, or of a newer or changed schema, with Error{tampered}, before
// anything is written. Applies missing migrations in one transaction, except where `how` is
// read_only: then Error{failed}. An empty file becomes a store only where `how` is create.
void ensure_schema(Database& database, Database::Open how);

}  // namespace tsp::store
