#include "store/used_once.h"

namespace tsp::store {

bool use_once(Transaction& transaction, std::string_view purpose, ByteView id, Time expires_at) {
  transaction
      .prepare(
          "INSERT INTO used_once (purpose, id, expires_at) VALUES (?, ?, ?) "
          "ON CONFLICT (purpose, id) DO NOTHING")
      .bind(purpose)
      .bind(id)
      .bind(expires_at)
      .run();
  return transaction.database().changes() > 0;
}

std::int64_t delete_expired_uses(Transaction& transaction, Time now) {
  transaction.prepare("DELETE FROM used_once WHERE expires_at <= ?").bind(now).run();
  return transaction.database().changes();
}

}  // namespace tsp::store
