// Certificates: issue, look up, revoke, export, request, import, renew.
#pragma once

#include "ops/provider.h"

namespace tsp::ops {

struct IssueCertificate {
  std::string key, user;  // one of them; of a user, the newest active key
  std::string profile;    // empty: the group's, or natural-person or legal-person by kind
  std::optional<std::chrono::seconds> lifetime;  // empty: the profile's
  bool dry_run = false;
};
struct CertificateInfo {
  store::CertificateRow row;
  x509::Certificate certificate;
  std::string issuer;  // RFC 4514
  std::int64_t audit_seq = 0;
};
CertificateInfo issue_certificate(Provider& provider, const IssueCertificate& request);
struct CertificatePage {
  std::vector<CertificateInfo> certificates;
  std::string next;  // the serial to go on after; empty at the end
};
// Oldest first, of the first `most` rows behind the serial `after`.
CertificatePage list_certificates(Provider& provider, const std::string& after, std::size_t most);
CertificateInfo show_certificate(Provider& provider, const std::string& serial);
std::string export_certificate(Provider& provider, const std::string& serial, bool chain);  // PEM

struct Revoked {
  std::string serial, reason;
  Time revoked_at;
  std::int64_t crl_number = 0;
  std::int64_t audit_seq = 0;
  std::vector<std::string> also_revoked;  // serials: the others of a compromised key
  bool key_destroyed = false;
  std::string remains;  // where it was: which backups may still hold it, for people
};
// Effective at once; a new CRL follows in the same call. Where the key is compromised every other
// certificate of it is revoked in the same transaction for the same reason, each on record. Where
// the profile says so, and no other certificate may be signed with, the signer's key is destroyed
// in the same transaction. A revoked certificate stays as it is: Error{already_exists}.
Revoked revoke_certificate(Provider& provider, const std::string& serial, const std::string& reason,
                           bool dry_run);

// The PKCS#10 made when the key was generated.
std::string certificate_request(Provider& provider, const std::string& key);  // PEM
// An external CA's certificate for a key of ours. Refused (11): a foreign, weak or compromised key,
// expired, not for signing; {already_exists} for one already there.
CertificateInfo import_certificate(Provider& provider, const std::string& key,
                                   const x509::Certificate& certificate, bool dry_run);
// Whether a word names one of the TSP's own: root, issuing, ocsp, tsa.
bool is_infrastructure(const std::string& word);
// A role (ocsp, tsa, issuing) or a signer's serial: a new certificate for the same key. Refused
// (11): the serial of a revoked certificate, and a compromised key. A role whose certificate was
// revoked for another reason gets a valid one again.
CertificateInfo renew_certificate(Provider& provider, const std::string& role_or_serial,
                                  bool dry_run);

Json to_json(const CertificateInfo& certificate);
Json to_json(const Revoked& receipt);

}  // namespace tsp::ops
