// What a building block or a process of EN 319 102-1 concludes: an indication and, unless it
// passed, a sub-indication (clause 5.1.3, tables 5 and 6).
#pragma once

#include <string>
#include <string_view>

#include "validation/report.h"

namespace tsp::validation {

// Names are the standard's, in lower case. Those up to not_yet_valid come with FAILED, the others
// with INDETERMINATE.
enum class Sub {
  none,
  format_failure,
  hash_failure,
  sig_crypto_failure,
  revoked,
  expired,
  not_yet_valid,
  sig_constraints_failure,
  chain_constraints_failure,
  certificate_chain_general_failure,
  crypto_constraints_failure,
  policy_processing_error,
  signature_policy_not_available,
  timestamp_order_failure,
  no_signing_certificate_found,
  no_certificate_chain_found,
  no_certificate_chain_found_no_poe,
  revoked_no_poe,
  revoked_ca_no_poe,
  out_of_bounds_not_revoked,
  out_of_bounds_no_poe,
  revocation_out_of_bounds_no_poe,
  crypto_constraints_failure_no_poe,
  no_poe,
  try_later,
  signed_data_not_found,
};
std::string_view name_of(Sub sub);  // "FORMAT_FAILURE", …; empty for none
Status status_of(Sub sub);

// One value a step; `finding` and `reason` say for people what the sub-indication only hints at.
struct Conclusion {
  Sub sub = Sub::none;
  std::string finding;  // id of a Finding, empty when it passed
  std::string reason;

  bool passed() const { return sub == Sub::none; }
  Status status() const { return status_of(sub); }
};
Conclusion passed();
Conclusion conclude(Sub sub, std::string_view finding, std::string reason);

// What a block or process concluded, for the report.
StepResult step(std::string_view clause, std::string_view name, const Conclusion& conclusion);

// The main indication of a process with that conclusion: TOTAL-PASSED, …
Indication indication_of(const Conclusion& conclusion);
// True when `a` outweighs `b`: FAILED before INDETERMINATE before passed.
bool worse(Indication a, Indication b);

}  // namespace tsp::validation
