// The scope of CRLs, RFC 5280 section 6.3.3, as OpenSSL judges it: it is given the certificate, its
// anchor and the CRLs, and everything that is not about the CRL is passed over, since paths are
// judged elsewhere. Internal to the room.
#pragma once

#include "trust/evidence_answers.h"

namespace tsp::trust {

struct CrlOutcome {
  int error = 0;                 // X509_V_ERR_…, the first that counts
  X509_CRL* revoking = nullptr;  // the one that names the certificate
};
// What these CRLs say together; a delta among them is taken with its base.
CrlOutcome ask_openssl(const Question& question, const std::vector<const x509::Crl*>& crls);

}  // namespace tsp::trust
