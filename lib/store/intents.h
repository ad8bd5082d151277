// Signatures whose intent is on record and whose result is not yet (promise 3).
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct IntentRow {
  std::int64_t audit_seq = 0;  // of the intent's record
  std::string key;
  Bytes dtbs;
  Time created_at{};
};
void insert_intent(Transaction&, const IntentRow&);  // after its audit record
// Error{not_found} when it is not open: a result must not be recorded twice.
void close_intent(Transaction&, std::int64_t audit_seq);
std::vector<IntentRow> open_intents(Database&);  // oldest first

}  // namespace tsp::store
