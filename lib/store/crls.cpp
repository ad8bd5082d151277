#include "store/crls.h"

#include "store/settings.h"

namespace tsp::store {

std::optional<CrlRow> current_crl(Database& database, std::string_view ca) {
  Statement row =
      database.prepare("SELECT ca, number, this_update, next_update, der FROM crls WHERE ca = ?");
  if (!row.bind(ca).step()) return std::nullopt;
  return CrlRow{row.text(0), row.integer(1), row.time(2), row.time(3), row.blob(4)};
}

std::optional<CrlRow> current_crl_head(Database& database, std::string_view ca) {
  Statement row =
      database.prepare("SELECT ca, number, this_update, next_update FROM crls WHERE ca = ?");
  if (!row.bind(ca).step()) return std::nullopt;
  return CrlRow{row.text(0), row.integer(1), row.time(2), row.time(3), {}};
}

std::int64_t reserve_crl_number(Transaction& transaction, std::string_view ca) {
  return next_value(transaction, "crl." + std::string(ca));
}

void put_crl(Transaction& transaction, const CrlRow& crl) {
  transaction
      .prepare(
          "INSERT INTO crls (ca, number, this_update, next_update, der) "
          "VALUES (?, ?, ?, ?, ?) ON CONFLICT (ca) DO UPDATE SET number = excluded.number, "
          "this_update = excluded.this_update, next_update = excluded.next_update, "
          "der = excluded.der WHERE crls.number < excluded.number")
      .bind(crl.ca)
      .bind(crl.number)
      .bind(crl.this_update)
      .bind(crl.next_update)
      .bind(crl.der)
      .run();
}

}  // namespace tsp::store
