// One grammar for every secret: prompt | fd:N | file:PATH | env:VAR | cred:NAME.
#pragma once

#include <string>

#include "terminal.h"

namespace tsp::app {

// Reads the first line. Error{usage} for another grammar, {policy_refused} for a file that is not
// ours or that others may read, {not_found}, {input_needed}. The variable of env: is taken out of
// the environment, so that no child inherits it.
Secret read_secret(const std::string& source, const std::string& option, const std::string& prompt,
                   Terminal& terminal);

}  // namespace tsp::app
