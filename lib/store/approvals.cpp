#include "store/approvals.h"

#include "store/changed.h"

namespace tsp::store {

void insert_approval(Transaction& transaction, const ApprovalRow& approval,
                     const std::vector<Bytes>& hashes) {
  transaction
      .prepare(
          "INSERT INTO approvals (id, user_name, key_id, manifest_sha256, allowed, "
          "expires_at, sealed, mac, window_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(approval.id)
      .bind(approval.user)
      .bind(approval.key)
      .bind(approval.manifest_sha256)
      .bind(approval.count)
      .bind(approval.expires_at)
      .bind(approval.sealed)
      .bind(approval.mac)
      .bind(approval.window)
      .run();
  std::int64_t position = 0;
  for (const Bytes& hash : hashes)
    transaction
        .prepare(
            "INSERT INTO approval_hashes (approval_id, position, hash, consumed) "
            "VALUES (?, ?, ?, 0)")
        .bind(approval.id)
        .bind(position++)
        .bind(hash)
        .run();
}

std::optional<ApprovalRow> find_approval(Database& database, ByteView id) {
  Statement row = database.prepare(
      "SELECT id, user_name, key_id, manifest_sha256, allowed, expires_at, sealed, mac, "
      "window_id "
      "FROM approvals "
      "WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return ApprovalRow{row.blob(0), row.text(1), row.text(2), row.blob(3), row.integer(4),
                     row.time(5), row.blob(6), row.blob(7), row.blob(8)};
}

bool consume_hash(Transaction& transaction, ByteView id, ByteView hash) {
  transaction
      .prepare(
          "UPDATE approval_hashes SET consumed = 1 WHERE approval_id = ? AND position = "
          "(SELECT MIN(position) FROM approval_hashes "
          "WHERE approval_id = ? AND hash = ? AND consumed = 0)")
      .bind(id)
      .bind(id)
      .bind(hash)
      .run();
  return transaction.database().changes() > 0;
}

std::vector<Bytes> hashes_of_approval(Database& database, ByteView id) {
  std::vector<Bytes> hashes;
  Statement row =
      database.prepare("SELECT hash FROM approval_hashes WHERE approval_id = ? ORDER BY position");
  row.bind(id);
  while (row.step()) hashes.push_back(row.blob(0));
  return hashes;
}

std::int64_t unconsumed(Database& database, ByteView id) {
  Statement row = database.prepare(
      "SELECT COUNT(*) FROM approval_hashes WHERE approval_id = ? AND consumed = 0");
  row.bind(id).step();
  return row.integer(0);
}

// Only those of SCAL 2 seal anything; for the others the log may stay.
void delete_approval(Transaction& transaction, ByteView id) {
  transaction.prepare("DELETE FROM approvals WHERE id = ? AND length(sealed) > 0").bind(id).run();
  if (forget_changed(transaction.database()) > 0) return;
  transaction.prepare("DELETE FROM approvals WHERE id = ?").bind(id).run();
}

std::int64_t delete_approvals_of(Transaction& transaction, std::string_view user) {
  transaction.prepare("DELETE FROM approvals WHERE user_name = ?").bind(user).run();
  return forget_changed(transaction.database());
}

std::int64_t delete_expired_approvals(Transaction& transaction, Time now) {
  transaction.prepare("DELETE FROM approvals WHERE expires_at <= ?").bind(now).run();
  return forget_changed(transaction.database());
}

}  // namespace tsp::store
