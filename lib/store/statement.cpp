#include "base/error.h"
#include "store/sqlite.h"

namespace tsp::store {

struct Statement::State {
  Database::State& database;
  Shelf& shelf;  // its place in the cache
  StatementPtr handle;
  int bound = 0;

  void check(int code) const {
    if (code != SQLITE_OK) throw_sqlite(database.handle.get(), database.path, "bind values for");
  }
};

namespace {

bool changes_something(sqlite3_stmt* statement) {
  return sqlite3_stmt_readonly(statement) == 0;
}

}  // namespace

Statement::Statement(std::unique_ptr<State> state) : state_(std::move(state)) {}
Statement::Statement(Statement&&) noexcept = default;

Statement::~Statement() {
  if (!state_ || !state_->handle) return;
  sqlite3_reset(state_->handle.get());
  sqlite3_clear_bindings(state_->handle.get());
  try {
    state_->shelf.push_back(std::move(state_->handle));
  } catch (...) {  // no memory for the shelf: the statement is finalised instead
  }
}

Statement& Statement::bind_integer(std::int64_t value) {
  state_->check(sqlite3_bind_int64(state_->handle.get(), ++state_->bound, value));
  return *this;
}

// An empty view may have no address, which SQLite would take for NULL.
Statement& Statement::bind(std::string_view text) {
  state_->check(sqlite3_bind_text64(state_->handle.get(), ++state_->bound,
                                    text.empty() ? "" : text.data(), text.size(), SQLITE_TRANSIENT,
                                    SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(ByteView blob) {
  state_->check(sqlite3_bind_blob64(state_->handle.get(), ++state_->bound,
                                    blob.empty() ? static_cast<const void*>("") : blob.data(),
                                    blob.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind_null() {
  state_->check(sqlite3_bind_null(state_->handle.get(), ++state_->bound));
  return *this;
}

bool Statement::step() {
  switch (sqlite3_step(state_->handle.get())) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      throw_sqlite(state_->database.handle.get(), state_->database.path,
                   changes_something(state_->handle.get()) ? "write to" : "read from");
  }
}

void Statement::run() {
  while (step()) {
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(state_->handle.get(), column);
}

std::string Statement::text(int column) const {
  const auto* data = sqlite3_column_text(state_->handle.get(), column);
  const int size = sqlite3_column_bytes(state_->handle.get(), column);
  return data == nullptr
             ? std::string()
             : std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
}

Bytes Statement::blob(int column) const {
  const auto* data =
      static_cast<const std::uint8_t*>(sqlite3_column_blob(state_->handle.get(), column));
  return data == nullptr ? Bytes()
                         : Bytes(data, data + sqlite3_column_bytes(state_->handle.get(), column));
}

Time Statement::time(int column) const {
  return from_unix_ms(integer(column));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(state_->handle.get(), column) == SQLITE_NULL;
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}
std::optional<std::string> Statement::optional_text(int column) const {
  return is_null(column) ? std::nullopt : std::optional(text(column));
}
std::optional<Bytes> Statement::optional_blob(int column) const {
  return is_null(column) ? std::nullopt : std::optional(blob(column));
}
std::optional<Time> Statement::optional_time(int column) const {
  return is_null(column) ? std::nullopt : std::optional(time(column));
}

Statement Database::prepare(std::string_view sql) {
  auto known = state_->idle.find(sql);
  if (known == state_->idle.end()) known = state_->idle.emplace(sql, Shelf()).first;
  Shelf& shelf = known->second;
  auto taken = std::make_unique<Statement::State>(Statement::State{*state_, shelf, nullptr, 0});
  if (!shelf.empty()) {
    taken->handle = std::move(shelf.back());
    shelf.pop_back();
  } else {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(state_->handle.get(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK)
      throw_sqlite(state_->handle.get(), state_->path, "ask");
    taken->handle.reset(made);
  }
  return Statement(std::move(taken));
}

}  // namespace tsp::store
