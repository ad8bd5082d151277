// A key that is out of its owner's hands, as a certificate revoked for keyCompromise or
// cACompromise says (RFC 5280 5.3.1). It is the public key that counts, not its name: all its
// certificates fall together, and none follows.
#pragma once

#include "ops/refusals.h"

namespace tsp::ops {

bool says_compromised(std::string_view reason);

// The certificate of this public key that was revoked so.
std::optional<store::CertificateRow> compromised_certificate(Provider& provider, ByteView spki);

// Error{policy_refused} where there is one: `what` failed. On record as `refusal`, whose reason is
// filled in.
void refuse_compromised(Provider& provider, ByteView spki, Refusal refusal, const std::string& what,
                        Keep keep);
// The same between a check and the commit: Error{busy}, nothing is on record.
void expect_not_compromised(Provider& provider, ByteView spki);

// What falls with this certificate: the others of its public key that are neither revoked nor
// abandoned, those still being signed (no octets) included.
std::vector<store::CertificateRow> siblings_of(Provider& provider,
                                               const store::CertificateRow& certificate);

}  // namespace tsp::ops
