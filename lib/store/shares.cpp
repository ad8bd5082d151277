#include "store/shares.h"

#include "store/changed.h"

namespace tsp::store {

void insert_share(Transaction& transaction, const ShareRow& share) {
  transaction.prepare("INSERT INTO shares (key_id, factor_id, sealed) VALUES (?, ?, ?)")
      .bind(share.key)
      .bind(share.factor)
      .bind(share.sealed)
      .run();
}

std::vector<ShareRow> shares_of(Database& database, std::string_view key) {
  std::vector<ShareRow> shares;
  Statement row = database.prepare(
      "SELECT key_id, factor_id, sealed FROM shares WHERE key_id = ? ORDER BY factor_id");
  row.bind(key);
  while (row.step()) shares.push_back({row.text(0), row.integer(1), row.blob(2)});
  return shares;
}

void delete_shares_of_key(Transaction& transaction, std::string_view key) {
  transaction.prepare("DELETE FROM shares WHERE key_id = ?").bind(key).run();
  forget_changed(transaction.database());
}

void delete_shares_of_factor(Transaction& transaction, std::int64_t factor) {
  transaction.prepare("DELETE FROM shares WHERE factor_id = ?").bind(factor).run();
  forget_changed(transaction.database());
}

}  // namespace tsp::store
