// Whether certificates changed since they were looked at, and which of them end soon.
#pragma once

#include "store/certificates.h"

namespace tsp::store {

// Every change of a row advances it in the same transaction, whoever makes it: what was read after
// this number is still so while the number is. O(1).
std::int64_t certificate_epoch(Database&);

// Where a walk by end stands: behind this certificate.
struct ByEnd {
  Time not_after{};
  std::string serial;
};
// Valid and external ones behind `after` that end at `until` at the latest and live longer than
// `life`, by end and serial; at most `most`.
std::vector<CertificateRow> certificates_ending(Database&, const ByEnd& after, Time until,
                                                std::chrono::milliseconds life, std::int64_t most);

}  // namespace tsp::store
