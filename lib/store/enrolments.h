// Signers who are registered and have yet to activate.
#pragma once

#include "store/database.h"

namespace tsp::store {

struct EnrolmentRow {
  std::string user;
  Bytes code_mac;     // 32 octets, keyed in the HSM
  std::string terms;  // version of the terms that were accepted
  Time expires_at{};
};
void put_enrolment(Transaction&, const EnrolmentRow&);  // replaces an earlier one
std::optional<EnrolmentRow> find_enrolment(Database&, std::string_view user);
// False when there is none (any more): somebody used it.
bool delete_enrolment(Transaction&, std::string_view user);

}  // namespace tsp::store
