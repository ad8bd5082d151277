// What a validation knows of the world: whom to trust, what is at hand, which moment is judged, and
// the constraints of the policy (EN 319 102-1, 5.1.4; 5.2.4 initialises it).
#pragma once

#include <algorithm>
#include <span>

#include "trust/anchors.h"
#include "trust/revocation.h"
#include "validation/material.h"
#include "validation/policy.h"
#include "validation/proofs.h"

namespace tsp::validation {

// Where missing evidence may come from. Each call adds to `evidence` and answers whether it did;
// failing is no error here.
class EvidenceSource {
 public:
  virtual ~EvidenceSource() = default;
  virtual bool find_issuer(const x509::Certificate& certificate, trust::Evidence& evidence) = 0;
  virtual bool find_revocation(const x509::Certificate& certificate,
                               const x509::Certificate& issuer, trust::Evidence& evidence) = 0;
};

struct Context {
  trust::TrustStore anchors;
  // Certificates of any kind, CRLs and OCSP answers, wherever they came from. All may be hostile.
  trust::Evidence evidence;
  EvidenceSource* source = nullptr;  // nothing is fetched
  // "Current time" of the standard: now, or the moment asked for. With a moment in the past,
  // evidence made since is used, but a revocation later than the moment does not count.
  Time at;
  Policy policy{};
  // Certificates at hand that need not be decoded again; not all of them, where there are many.
  std::span<const x509::Certificate> decoded() const {
    constexpr std::size_t kMost = 64;
    return std::span(evidence.certificates).first(std::min(kMost, evidence.certificates.size()));
  }
  // Filled by the processes.
  Material material{};
  Proofs proofs{};
};

}  // namespace tsp::validation
