// A signer's key and what binds it: the link MAC over owner, algorithm, public key, SCAL and blob,
// keyed in the HSM, so that a blob moved to another signer's row is refused.
#pragma once

#include <string>

#include "crypto/symmetric.h"
#include "hsm/hsm.h"
#include "store/rows.h"
#include "x509/certificate.h"
#include "x509/issue.h"

namespace tsp::sam {

// What the link MAC is of.
Bytes linked_content(const store::KeyRow& key);
Bytes link_mac(hsm::Session& hsm, const store::KeyRow& key);
// Error{tampered} when the row's MAC is not the one of its content.
void check_link(hsm::Session& hsm, const store::KeyRow& key);

// Generates a key in the HSM for `owner`, wraps it, links it, proves possession with a PKCS#10
// request for `subject` (the only use of the key without its signer's factors; on record as
// key.generate). The row is not stored here.
store::KeyRow generate_key(hsm::Session& hsm, const std::string& owner,
                           const x509::Subject& subject, crypto::KeyAlgorithm algorithm,
                           const std::string& label, Time now);

// Makes a generated row one of SCAL 2: its blob is sealed under PIN, pepper and a new share, which
// is the signer's alone from now on (seal.h). Does NOT judge the PIN.
Secret seal_key_row(hsm::Session& hsm, store::KeyRow& key, const Secret& pin,
                    const crypto::Argon2& cost);

}  // namespace tsp::sam
