// Certificates, OCSP answers and CRLs at hand, each once, found by what they are about: so that
// many documents, and documents with thousands of pieces, cost what they hold and not its square.
// All of it may be hostile; nothing is judged here.
#pragma once

#include <map>
#include <set>

#include "pdf/document.h"
#include "trust/revocation.h"

namespace tsp::ops {

class EvidencePool {
 public:
  // Of OCSP answers about one serial number the last so many are kept.
  static constexpr std::size_t kMostPieces = 64;
  explicit EvidencePool(std::size_t most_answers = kMostPieces) : most_answers_(most_answers) {}

  void add(const x509::Certificate& certificate);
  void add(const x509::OcspResponse& response);
  void add(const x509::Crl& crl);
  // What can be read of them; the rest is passed over.
  void add_ocsp(const std::vector<Bytes>& ders);
  void add_crls(const std::vector<Bytes>& ders);
  void add_evidence(const pdf::Dss& store);  // its answers and lists

  // Certificates that may issue others.
  const std::vector<x509::Certificate>& authorities() const { return authorities_; }
  // Adds what may tell of a certificate of this issuer. Of more than kMostPieces of a kind the last
  // ones.
  void tell(const x509::Certificate& certificate, const x509::Certificate& issuer,
            trust::Evidence& to) const;

 private:
  bool is_new(ByteView der);
  std::size_t most_answers_;
  std::set<Bytes> seen_;  // SHA-256
  std::vector<x509::Certificate> authorities_;
  std::map<Bytes, std::vector<x509::Certificate>> issued_, named_;  // by issuer, by subject
  std::map<std::string, std::vector<x509::OcspResponse>> ocsp_;     // by serial number
  std::map<Bytes, std::vector<x509::Crl>> crls_;                    // by issuer
};

}  // namespace tsp::ops
