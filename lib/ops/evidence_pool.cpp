#include "ops/evidence_pool.h"

#include "base/error.h"
#include "crypto/digest.h"

namespace tsp::ops {
namespace {

constexpr std::string_view kOcspSigning = "1.3.6.1.5.5.7.3.9";

template <class Key, class Piece>
void put_last(const std::map<Key, std::vector<Piece>>& from, const Key& key, std::size_t most,
              std::vector<Piece>& to) {
  const auto found = from.find(key);
  if (found == from.end()) return;
  const auto& all = found->second;
  const std::size_t skip = all.size() > most ? all.size() - most : 0;
  to.insert(to.end(), all.begin() + static_cast<std::ptrdiff_t>(skip), all.end());
}

std::vector<Bytes> octets_of(const std::vector<pdf::DssItem>& items) {
  std::vector<Bytes> out;
  out.reserve(items.size());
  for (const pdf::DssItem& each : items) out.push_back(each.octets);
  return out;
}

template <class Read>
void each_readable(const std::vector<Bytes>& ders, Read&& read) {
  for (const Bytes& der : ders) try {
      read(der);
    } catch (const Error& error) {
      if (error.fault != Fault::bad_input) throw;
    }
}

}  // namespace

bool EvidencePool::is_new(ByteView der) {
  return seen_.insert(crypto::sha256(der)).second;
}

void EvidencePool::add(const x509::Certificate& certificate) {
  if (!is_new(certificate.der())) return;
  if (certificate.is_ca()) authorities_.push_back(certificate);
  named_[certificate.subject_der()].push_back(certificate);
  if (certificate.has_extended_key_usage(kOcspSigning))
    issued_[certificate.issuer_der()].push_back(certificate);
}

void EvidencePool::add(const x509::OcspResponse& response) {
  if (!is_new(response.der())) return;
  const auto serials = response.serials();
  for (const std::string& serial : std::set<std::string>(serials.begin(), serials.end())) {
    auto& all = ocsp_[serial];
    if (all.size() >= most_answers_) all.erase(all.begin());
    all.push_back(response);
  }
}

void EvidencePool::add(const x509::Crl& crl) {
  if (is_new(crl.der())) crls_[crl.issuer_der()].push_back(crl);
}

void EvidencePool::add_ocsp(const std::vector<Bytes>& ders) {
  each_readable(ders, [this](const Bytes& der) { add(x509::OcspResponse::from_der(der)); });
}

void EvidencePool::add_crls(const std::vector<Bytes>& ders) {
  each_readable(ders, [this](const Bytes& der) { add(x509::Crl::from_der(der)); });
}

void EvidencePool::add_evidence(const pdf::Dss& store) {
  add_ocsp(octets_of(store.ocsp_responses));
  add_crls(octets_of(store.crls));
}

void EvidencePool::tell(const x509::Certificate& certificate, const x509::Certificate& issuer,
                        trust::Evidence& to) const {
  put_last(ocsp_, certificate.serial(), kMostPieces, to.ocsp);
  put_last(crls_, issuer.subject_der(), kMostPieces, to.crls);
  put_last(issued_, issuer.subject_der(), kMostPieces, to.certificates);
  put_last(named_, issuer.subject_der(), kMostPieces, to.certificates);
}

}  // namespace tsp::ops
