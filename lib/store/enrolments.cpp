#include "store/enrolments.h"

#include "store/changed.h"

namespace tsp::store {

void put_enrolment(Transaction& transaction, const EnrolmentRow& enrolment) {
  transaction
      .prepare(
          "INSERT INTO enrolments (user_name, code_mac, terms, expires_at) VALUES (?, ?, ?, ?) "
          "ON CONFLICT (user_name) DO UPDATE SET code_mac = excluded.code_mac, "
          "terms = excluded.terms, expires_at = excluded.expires_at")
      .bind(enrolment.user)
      .bind(enrolment.code_mac)
      .bind(enrolment.terms)
      .bind(enrolment.expires_at)
      .run();
  forget_changed(transaction.database());
}

std::optional<EnrolmentRow> find_enrolment(Database& database, std::string_view user) {
  Statement row = database.prepare(
      "SELECT user_name, code_mac, terms, expires_at FROM enrolments WHERE user_name = ?");
  if (!row.bind(user).step()) return std::nullopt;
  return EnrolmentRow{row.text(0), row.blob(1), row.text(2), row.time(3)};
}

bool delete_enrolment(Transaction& transaction, std::string_view user) {
  transaction.prepare("DELETE FROM enrolments WHERE user_name = ?").bind(user).run();
  return forget_changed(transaction.database()) > 0;
}

}  // namespace tsp::store
