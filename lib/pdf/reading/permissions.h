// Whether a document allows what an order asks for, ISO 32000-2 12.8.2.2 and 12.8.2.4.
#pragma once

#include "pdf/reading/signatures.h"

namespace tsp::pdf {

// What would be added to the document.
struct Intention {
  std::string field;
  bool new_field = false, visible = false, time_stamp = false;
  std::optional<int> certification;
};

// Error{policy_refused} that says what forbids it:
// - a certification (or a lock with /P) of 1 forbids everything but document time-stamps, 2 a new
//   visible field;
// - a FieldMDP, or the /Lock of a signed field, that covers the field forbids to fill or add it;
//   time-stamps are no form filling;
// - a certification comes before every other signature.
void check_allowed(const std::string& name, const std::vector<SignatureEntry>& signatures,
                   const std::optional<int>& certification, const Intention& intention);

}  // namespace tsp::pdf
