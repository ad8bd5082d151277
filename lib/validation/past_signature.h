// EN 319 102-1, 5.6.2.4, past signature validation: what of a verdict at the current time is mended
// by proof that the signature existed while all was well. For signatures and for time-stamps.
#pragma once

#include <functional>

#include "validation/past_certificate.h"

namespace tsp::validation {

struct PastQuestion {
  const Conclusion& current;  // status at the current time
  const PathOutcome& path;    // of the signing certificate, at the current time
  trust::Usage usage;
  Time proven;  // the earliest proof of existence of the signature value
  // Why the algorithms of the signature cannot be relied on at a moment, or nothing.
  std::function<std::optional<std::string>(Time)> objection;
};

struct PastSignature {
  Conclusion conclusion;
  std::optional<Time>
      control_time;  // nothing: no moment is shown at which the certificate was good
  std::vector<std::optional<trust::RevocationVerdict>> used;
  std::vector<StepResult> steps;
};

// Whether that status is one that proofs of existence can mend (5.6.3 step 3).
bool is_mendable(Sub sub);

PastSignature validate_past_signature(const PastQuestion& question, Context& context);

}  // namespace tsp::validation
