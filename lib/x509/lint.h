// The pre-issuance check: parses the very bytes that would be signed and judges them against what
// was ordered, profile, issuer and suite. It shares no code with the writer.
#pragma once

#include "x509/issue.h"

namespace tsp::x509 {

struct Judged {
  const Certificate& draft;  // the TBSCertificate with an empty signature
  const Order& order;
  const Certificate* issuer;  // nullptr: a self-signed root
  const crypto::PublicKey& issuer_key;
  Time now;
};
using Objections = std::vector<std::string>;

// All objections; none: the bytes may be signed.
Objections lint(ByteView tbs, const Order& order, const Certificate* issuer,
                const crypto::PublicKey& issuer_key, Time now);

// The parts of it.
void lint_encoding(ByteView tbs, const Certificate& draft, Objections& objections);
void lint_validity(const Judged& judged, Objections& objections);
void lint_keys(const Judged& judged, Objections& objections);
void lint_issuer(const Judged& judged, Objections& objections);
void lint_names(const Judged& judged, Objections& objections);
void lint_extensions(const Judged& judged, Objections& objections);

// The certificate that `tbs` becomes when signed, with an empty signature. Error{bad_input}.
Certificate draft_of(ByteView tbs);
// The DER of the AlgorithmIdentifier inside the TBSCertificate.
Bytes inner_algorithm(const Certificate& draft);

}  // namespace tsp::x509
