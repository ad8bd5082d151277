// The store: one SQLite file, WAL, synchronous=FULL, foreign keys on, secure_delete on. This room
// knows columns, not rules; no SQLite type leaves it. SQL is kept to what PostgreSQL understands
// too.
//
// Errors, everywhere in this room: another writer for more than 5 s is Error{busy}; a full disk or
// a failed write Error{output_failed}; a damaged file Error{tampered}; a primary key or unique
// value that is taken Error{already_exists}; a file that may not be written Error{not_permitted};
// any other broken constraint Error{failed}. Messages name columns, never values.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace tsp::store {

// A prepared statement, cached by its connection and handed out for one use: bind in order, then
// step. Goes back, reset and with its bindings cleared, at the end of its scope. Bound octets are
// copied. Must not outlive its connection.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  ~Statement();
  template <std::integral T>
  Statement& bind(T value) {
    return bind_integer(static_cast<std::int64_t>(value));
  }
  Statement& bind(std::string_view text);
  Statement& bind(const std::string& text) { return bind(std::string_view(text)); }
  Statement& bind(const char* text) { return bind(std::string_view(text)); }
  Statement& bind(ByteView blob);
  Statement& bind(const Bytes& blob) { return bind(ByteView(blob)); }
  Statement& bind(Time time) { return bind_integer(to_unix_ms(time)); }
  Statement& bind_null();
  template <class T>
  Statement& bind(const std::optional<T>& value) {
    return value ? bind(*value) : bind_null();
  }
  bool step();  // true: a row is there
  void run();   // steps to the end
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  Bytes blob(int column) const;
  Time time(int column) const;
  bool is_null(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<std::string> optional_text(int column) const;
  std::optional<Bytes> optional_blob(int column) const;
  std::optional<Time> optional_time(int column) const;

  struct State;
  explicit Statement(std::unique_ptr<State> state);

 private:
  Statement& bind_integer(std::int64_t value);
  std::unique_ptr<State> state_;
};

// A connection: for one thread at a time, and never used on both sides of a fork.
class Database {
 public:
  // Opens, or makes with mode 0600 where `create`, and brings the schema to the current version in
  // one transaction. Error{tampered} when the schema is newer than this program, was changed, or
  // is not ours; Error{not_found} when absent and not `create`. `read_only` changes nothing, also
  // no schema, and reads a store on a medium that cannot be written, if it was closed cleanly.
  // Nothing but the schema's version is looked at: for more there is check().
  enum class Open { existing, create, read_only };
  static std::unique_ptr<Database> open(const std::string& path, Open how);
  ~Database();

  Statement prepare(std::string_view sql);
  std::int64_t changes() const;  // rows changed by the last statement
  // Moves the WAL into the file and empties it, so that deleted secrets are gone from disk.
  // Error{busy} while another connection reads or writes.
  void truncate_log();
  // A secret was overwritten or deleted on this connection: what its pages held before must not
  // stay in the log when the store is closed (kept_log.h).
  void forget();
  // "ok" or what PRAGMA integrity_check or foreign_key_check found first.
  std::string check();
  const std::string& path() const;

  struct State;
  State& state() { return *state_; }

 private:
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// BEGIN IMMEDIATE; leaving scope rolls back, only commit() keeps. Durable when commit() returns.
// One at a time per connection; a second one is Error{failed}.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();
  Database& database() { return database_; }
  Statement prepare(std::string_view sql) { return database_.prepare(sql); }

 private:
  Database& database_;
  bool open_ = true;
};

// All reads while this lives see one state of the store, whatever others commit meanwhile. Inside a
// Transaction it does nothing. Nothing may be written on the connection while it lives.
class Snapshot {
 public:
  explicit Snapshot(Database& database);
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot();

 private:
  Database& database_;
  bool open_ = false;
};

}  // namespace tsp::store
