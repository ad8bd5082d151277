#include "store/audit.h"

namespace tsp::store {
namespace {

AuditRow audit_row(const Statement& row) {
  return {row.integer(0), row.blob(1), row.blob(2)};
}

CheckpointRow read_checkpoint(const Statement& row) {
  return {row.integer(0), row.text(1), row.blob(2), row.time(3)};
}

}  // namespace

void insert_audit(Transaction& transaction, const AuditRow& row) {
  transaction.prepare("INSERT INTO audit_records (seq, record, chain) VALUES (?, ?, ?)")
      .bind(row.seq)
      .bind(row.record)
      .bind(row.chain)
      .run();
}

std::int64_t audit_size(Database& database) {
  Statement row = database.prepare("SELECT COALESCE(MAX(seq) + 1, 0) FROM audit_records");
  row.step();
  return row.integer(0);
}

std::optional<AuditRow> find_audit(Database& database, std::int64_t seq) {
  Statement row = database.prepare("SELECT seq, record, chain FROM audit_records WHERE seq = ?");
  if (!row.bind(seq).step()) return std::nullopt;
  return audit_row(row);
}

std::optional<AuditRow> last_audit(Database& database) {
  Statement row =
      database.prepare("SELECT seq, record, chain FROM audit_records ORDER BY seq DESC LIMIT 1");
  if (!row.step()) return std::nullopt;
  return audit_row(row);
}

void each_audit(Database& database, std::int64_t from,
                const std::function<bool(const AuditRow&)>& each) {
  Statement rows =
      database.prepare("SELECT seq, record, chain FROM audit_records WHERE seq >= ? ORDER BY seq");
  rows.bind(from);
  while (rows.step() && each(audit_row(rows))) {
  }
}

std::optional<Bytes> audit_frontier(Database& database) {
  Statement row = database.prepare("SELECT frontier FROM audit_head WHERE id = 0");
  if (!row.step()) return std::nullopt;
  return row.blob(0);
}

void set_audit_frontier(Transaction& transaction, ByteView frontier) {
  transaction
      .prepare(
          "INSERT INTO audit_head (id, frontier) VALUES (0, ?) "
          "ON CONFLICT (id) DO UPDATE SET frontier = excluded.frontier")
      .bind(frontier)
      .run();
}

void put_checkpoint(Transaction& transaction, const CheckpointRow& checkpoint) {
  transaction
      .prepare(
          "INSERT INTO audit_checkpoints (size, note, frontier, created_at) "
          "VALUES (?, ?, ?, ?) ON CONFLICT (size) DO UPDATE SET note = excluded.note, "
          "frontier = excluded.frontier, created_at = excluded.created_at")
      .bind(checkpoint.size)
      .bind(checkpoint.note)
      .bind(checkpoint.frontier)
      .bind(checkpoint.created_at)
      .run();
}

std::optional<CheckpointRow> last_checkpoint(Database& database) {
  Statement row = database.prepare(
      "SELECT size, note, frontier, created_at FROM audit_checkpoints ORDER BY size DESC LIMIT 1");
  if (!row.step()) return std::nullopt;
  return read_checkpoint(row);
}

void each_checkpoint(Database& database, const std::function<void(const CheckpointRow&)>& each) {
  Statement rows = database.prepare(
      "SELECT size, note, frontier, created_at FROM audit_checkpoints ORDER BY size");
  while (rows.step()) each(read_checkpoint(rows));
}

}  // namespace tsp::store
