// Dates in PDF, ISO 32000-1 7.9.4: D:YYYYMMDDHHmmSSOHH'mm'; everything behind the year may be
// missing, the offset is Z, + or -.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace tsp::validation {

// Nothing when malformed. A date without an offset is taken for UTC.
std::optional<Time> parse_pdf_date(std::string_view text);

}  // namespace tsp::validation
