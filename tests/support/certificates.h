// Certificates and CRLs straight from OpenSSL, good and bad, for tests of rooms above x509: what
// the product would never issue included.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/software_signer.h"
#include "x509/certificate.h"

namespace tsp::test {

// What OpenSSL's configuration syntax says ("basicConstraints", "critical,CA:TRUE"); "DER:0500"
// values with a dotted name work too.
using Extensions = std::vector<std::pair<std::string, std::string>>;

Extensions ca_extensions();
Extensions signer_extensions();
Extensions tsu_extensions();   // EKU timeStamping, critical and only
Extensions ocsp_extensions();  // EKU OCSPSigning, ocsp-nocheck

struct CertificateOrder {
  std::string common_name;
  Extensions extensions = signer_extensions();
  std::string not_before = "20200101000000Z";
  std::string not_after = "20491231235959Z";
  std::optional<Bytes> serial{};  // magnitude; random where absent
  const char* hash = "SHA256";
};

// A key with its certificate. Copies share both.
class Holder {
 public:
  // Self-signed.
  explicit Holder(const CertificateOrder& order,
                  crypto::KeyAlgorithm algorithm = crypto::KeyAlgorithm::ecdsa_p256);
  // Issued by another.
  Holder(const CertificateOrder& order, const Holder& issuer,
         crypto::KeyAlgorithm algorithm = crypto::KeyAlgorithm::ecdsa_p256);
  // Issued by another, for a key that is there already.
  Holder(const CertificateOrder& order, const Holder& issuer, std::shared_ptr<SoftwareSigner> key);

  SoftwareSigner& key() const { return *key_; }
  const std::shared_ptr<SoftwareSigner>& shared_key() const { return key_; }
  const x509::Certificate& certificate() const { return *certificate_; }

 private:
  std::shared_ptr<SoftwareSigner> key_;
  std::shared_ptr<x509::Certificate> certificate_;
};

}  // namespace tsp::test
