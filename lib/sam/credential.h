// A signer's key and what binds it: the link MAC over owner, algorithm, public key, SCAL and blob,
// keyed in the HSM, so that a blob moved to another signer's row is refused.
#pragma once

#include <string>

#include "hsm/hsm.h"
#include "store/rows.h"
#include "x509/certificate.h"
#include "x509/issue.h"

namespace tsp::sam {

Bytes link_mac(hsm::Session& hsm, const store::KeyRow& key);
// Error{tampered} when the row's MAC is not the one of its content.
void check_link(hsm::Session& hsm, const store::KeyRow& key);

// Generates a key in the HSM for `owner`, wraps it, links it, proves possession with a PKCS#10
// request for `subject` (the only use of the key without its signer's factors; on record as
// key.generate). The row is not stored here.
store::KeyRow generate_key(hsm::Session& hsm, const std::string& owner,
                           const x509::Subject& subject, crypto::KeyAlgorithm algorithm,
                           const std::string& label, Time now);

}  // namespace tsp::sam
