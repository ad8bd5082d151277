// A SCAL 2 key's share, sealed to each of its signer's devices.
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct ShareRow {
  std::string key;
  std::int64_t factor = 0;  // the device's
  Bytes sealed;             // only the device opens it (crypto::seal_to)
};
void insert_share(Transaction&, const ShareRow&);
std::vector<ShareRow> shares_of(Database&, std::string_view key);  // by factor
void delete_shares_of_key(Transaction&, std::string_view key);
void delete_shares_of_factor(Transaction&, std::int64_t factor);

}  // namespace tsp::store
