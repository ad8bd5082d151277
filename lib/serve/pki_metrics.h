// What only the PKI worker knows for /metrics.
#pragma once

#include <string>

#include "ops/provider.h"

namespace tsp::serve {

// The verb, which no path leads to.
inline constexpr const char* kMetricsVerb = "metrics";

// Families in OpenMetrics text, without its end. Read from the store; O(notices and intents).
std::string pki_metrics(ops::Provider& provider);

}  // namespace tsp::serve
