// Trust anchors: the certificates that paths may end at. Whoever adds one has decided to trust it;
// nothing of the certificate is judged here. The system's authorities are never taken.
#pragma once

#include <string_view>
#include <vector>

#include "x509/certificate.h"

namespace tsp::trust {

class TrustStore {
 public:
  TrustStore() = default;
  explicit TrustStore(std::vector<x509::Certificate> anchors);
  static TrustStore from_pem(std::string_view pem);  // all certificates in it; Error{bad_input}
  static TrustStore from_der(ByteView der);          // one; Error{bad_input}

  void add(x509::Certificate anchor);  // once each
  bool contains(const x509::Certificate& certificate) const;
  const std::vector<x509::Certificate>& anchors() const { return anchors_; }
  bool empty() const { return anchors_.empty(); }

  // The anchors that may have issued this certificate: by name (compared as RFC 5280 section 7.1
  // asks), and by key identifier where both state one. Signatures are not verified.
  std::vector<x509::Certificate> issuers_of(const x509::Certificate& certificate) const;

 private:
  std::vector<x509::Certificate> anchors_;
};

// Whether the names, and the key identifiers where both state one, let `issuer` be the issuer.
bool may_be_issuer(const x509::Certificate& issuer, const x509::Certificate& certificate);

}  // namespace tsp::trust
