// CRLs and OCSP answers straight from OpenSSL, good and bad.
#pragma once

#include "support/certificates.h"
#include "x509/revocation.h"

namespace tsp::test {

struct CrlEntry {
  x509::Certificate certificate;
  std::string date = "20260601000000Z";
  int reason = -1;  // CRLReason code; -1: not stated
};
struct CrlContent {
  std::string this_update = "20261121000000Z";
  std::string next_update = "20261124000000Z";  // empty: none
  std::vector<CrlEntry> entries{};
  Extensions extensions{};            // OpenSSL's names
  std::string expired_certs_since{};  // adds ExpiredCertsOnCRL
};
// Signed by the holder's key under the holder's name.
x509::Crl make_crl(const Holder& signer, const CrlContent& content = {});

struct OcspContent {
  x509::CertStatus status = x509::CertStatus::good;
  std::string this_update = "20261121000000Z";
  std::string next_update = "20261122000000Z";  // empty: none
  std::string produced_at = "20261121000000Z";
  std::string revoked_at = "20260601000000Z";
  int reason = -1;
  std::string archive_cutoff{};
  bool critical_extension = false;  // adds one that nobody knows
  std::optional<Bytes> nonce{};
};
x509::OcspResponse make_ocsp(const Holder& responder, const x509::Certificate& certificate,
                             const x509::Certificate& issuer, const OcspContent& content = {});

}  // namespace tsp::test
