// EN 319 102-1, 5.6.3, the validation process for signatures providing long term availability and
// integrity of validation material.
#pragma once

#include "validation/past_signature.h"
#include "validation/with_time.h"

namespace tsp::validation {

struct LongTermValidation {
  Conclusion conclusion;
  Time best_signature_time{};  // the earliest proof of existence of the signature value
  bool proven = false;
  // What shows the certificates to have been good: as in 5.5, or as past signature validation used
  // it.
  PathOutcome path;
  std::vector<StepResult> steps;
};

// Step 1, evidence records, is left out: PDF signatures carry none. Steps 2 and 5 were done for the
// whole document: context.proofs holds what its time-stamps prove. `archived`: a document
// time-stamp covers the signature; without one this is the verdict of 5.5.
LongTermValidation validate_long_term(const BasicValidation& basic, const TimedValidation& timed,
                                      bool archived, const std::optional<Time>& claimed,
                                      Context& context);

}  // namespace tsp::validation
