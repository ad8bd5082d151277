// PKCS#10 requests, for certificates that another CA issues.
#include "crypto/der.h"
#include "x509/issue.h"
#include "x509/subject.h"
#include "x509/tbs.h"

namespace tsp::x509 {

Bytes make_request(const Subject& subject, crypto::Signer& key) {
  namespace der = crypto::der;
  // CertificationRequestInfo, without attributes.
  const Bytes info = der::sequence(der::integer(0), encode_name(subject), key.public_key().spki(),
                                   der::tlv(der::context(0), {}));
  return signed_sequence(info, key);
}

}  // namespace tsp::x509
