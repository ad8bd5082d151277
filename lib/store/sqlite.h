// What the files of this room share about SQLite; included by its .cpp files only.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/release.h"
#include "store/database.h"

namespace tsp::store {

inline constexpr int kPatienceMs = 5000;  // with another writer

using Sqlite3Ptr = std::unique_ptr<sqlite3, Release<&sqlite3_close_v2>>;
using StatementPtr = std::unique_ptr<sqlite3_stmt, Release<&sqlite3_finalize>>;

using Shelf = std::vector<StatementPtr>;

struct TextHash : std::hash<std::string_view> {
  using is_transparent = void;
};

struct Database::State {
  std::string path;
  Sqlite3Ptr handle;  // before the statements, so that they are finalised first
  // Prepared statements that nobody uses now, by their text. Two uses of one text at the same time
  // (a query inside the loop over the same query) have a statement each.
  // A shelf stays where it is.
  std::unordered_map<std::string, Shelf, TextHash, std::equal_to<>> idle;
  bool forgets = false;  // Database::forget()
  // kept_log::version(), when the log was empty. What others put in since may hold what they wanted
  // forgotten: such a log is not kept.
  std::optional<std::int64_t> alone_since;
};

// Throws the Error for the connection's last failure; `doing` completes "cannot …".
[[noreturn]] void throw_sqlite(sqlite3* handle, const std::string& path, const std::string& doing);
// Runs statements without results; for PRAGMA and migrations.
void execute(Database::State& state, const std::string& sql, const std::string& doing);

}  // namespace tsp::store
