#include "store/timestamps.h"

namespace tsp::store {

bool reserve_tst_serial(Transaction& transaction, std::string_view serial) {
  transaction
      .prepare("INSERT INTO timestamp_serials (serial) VALUES (?) ON CONFLICT (serial) DO NOTHING")
      .bind(serial)
      .run();
  return transaction.database().changes() > 0;
}

}  // namespace tsp::store
