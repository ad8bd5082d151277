// The newest CRL of each CA.
#pragma once

#include "store/database.h"

namespace tsp::store {

struct CrlRow {
  std::string ca;  // root, issuing
  std::int64_t number = 0;
  Time this_update{}, next_update{};
  Bytes der;
};
std::optional<CrlRow> current_crl(Database&, std::string_view ca);
// The same without its octets, which may be many.
std::optional<CrlRow> current_crl_head(Database&, std::string_view ca);
// The next CRL number, stored before the CRL is signed.
std::int64_t reserve_crl_number(Transaction&, std::string_view ca);
// An older number than the one that is there changes nothing.
void put_crl(Transaction&, const CrlRow&);

}  // namespace tsp::store
