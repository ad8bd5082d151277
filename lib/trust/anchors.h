// Trust anchors: the certificates that paths may end at. Whoever adds one has decided to trust it;
// nothing of the certificate is judged here. The system's authorities are never taken.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "x509/certificate.h"

namespace tsp::trust {

// What an anchor is trusted for: certificates of signers (and all that hangs on them), or those of
// time-stamping units.
enum class Service { certificates, timestamps };

// When an anchor counts, and for which service: a trusted list says so of each. Half-open.
struct Term {
  Service service;
  Time from;
  std::optional<Time> until{};  // nothing: it goes on
};

class TrustStore {
 public:
  TrustStore() = default;
  explicit TrustStore(std::vector<x509::Certificate> anchors);
  static TrustStore from_pem(std::string_view pem);  // all certificates in it; Error{bad_input}
  static TrustStore from_der(ByteView der);          // one; Error{bad_input}

  void add(x509::Certificate anchor);  // once each; for every service, at any time
  // For that service and time alone. Terms of one certificate add up; added without one as well, it
  // counts always.
  void add(x509::Certificate anchor, const Term& term);
  bool contains(const x509::Certificate& certificate) const;
  const std::vector<x509::Certificate>& anchors() const { return anchors_; }
  bool empty() const { return anchors_.empty(); }

  // Whether the certificate is an anchor that counts for the service at that moment.
  bool counts(const x509::Certificate& certificate, Service service, Time at) const;
  // The anchors that do; and whether any has terms, so that asking is worth while.
  TrustStore counting(Service service, Time at) const;
  bool has_terms() const { return !terms_.empty(); }
  // The same certificates for the service, of all times past and present, and without terms.
  TrustStore ever(Service service, Time now) const;
  // Nobody trusts that anchor any more from that moment on, whatever its terms say.
  void end(const x509::Certificate& anchor, Time until);
  // When the certificate's last term for the service ended or will end (the "sunset date" of EN
  // 319 102-1); nothing where it goes on, or was never an anchor for it.
  std::optional<Time> sunset(const x509::Certificate& certificate, Service service) const;

  // The anchors that may have issued this certificate: by name (compared as RFC 5280 section 7.1
  // asks), and by key identifier where both state one. Signatures are not verified.
  std::vector<x509::Certificate> issuers_of(const x509::Certificate& certificate) const;

 private:
  std::vector<x509::Certificate> anchors_;
  std::map<Bytes, std::vector<Term>> terms_;  // by DER; an anchor that is not in it always counts
};

// Whether the names, and the key identifiers where both state one, let `issuer` be the issuer.
bool may_be_issuer(const x509::Certificate& issuer, const x509::Certificate& certificate);

}  // namespace tsp::trust
