// A constraint that a policy may soften (EN 319 102-1, 5.1.4), and what becomes of it.
#pragma once

#include "validation/conclusion.h"
#include "validation/policy.h"

namespace tsp::validation {

// What counts of a constraint's conclusion: itself where the policy lets the constraint fail, else
// that it passed. `told` gets a finding where the policy warns or informs.
Conclusion settled(const Policy& policy, Rule rule, Conclusion conclusion,
                   std::vector<Finding>& told);

}  // namespace tsp::validation
