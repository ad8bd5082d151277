// EN 319 102-1, 5.6.2.1, past certificate validation: whether a certificate was good at some moment
// in the past, and the last one for which that can be shown.
#pragma once

#include "validation/time_sliding.h"

namespace tsp::validation {

struct PastCertificate {
  // passed; NO_CERTIFICATE_CHAIN_FOUND; CERTIFICATE_CHAIN_GENERAL_FAILURE;
  // CHAIN_CONSTRAINTS_FAILURE; what 5.6.2.2 concludes.
  Conclusion conclusion;
  std::vector<x509::Certificate> chain;
  TimeSliding sliding;
};

// Paths are judged at a moment that lies in the validity of all their certificates.
PastCertificate validate_past_certificate(const x509::Certificate& certificate, trust::Usage usage,
                                          const std::vector<x509::Certificate>& chain,
                                          SignerEvidence evidence, const Context& context);

}  // namespace tsp::validation
