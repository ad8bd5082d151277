// Certificates of ours and those brought in from outside. A row is inserted with state "reserved"
// and no DER before the HSM signs, so that no serial number is ever used twice.
#pragma once

#include <functional>
#include <vector>

#include "store/database.h"

namespace tsp::store {

struct CertificateRow {
  std::string serial;         // hex, primary key
  std::string role;           // root, issuing, ocsp, tsa, signer
  std::string key;            // key id, or the HSM label of an infrastructure key
  std::string owner;          // user, or empty
  std::string issuer_serial;  // empty: self-signed or external
  std::string subject, profile;
  Time not_before{}, not_after{};
  Bytes spki;  // the SubjectPublicKeyInfo certified; never empty
  Bytes der;
  std::string state;  // reserved, valid, revoked, abandoned, external
  std::optional<Time> revoked_at;
  std::string reason;
  Time created_at{};
};
void insert_certificate(Transaction&, const CertificateRow&);  // Error{already_exists} for a serial
// Reserved becomes valid; Error{not_found} when there is no reserved row of that serial.
void complete_certificate(Transaction&, std::string_view serial, ByteView der);
// Not for "revoked": that has a time and a reason.
void set_certificate_state(Transaction&, std::string_view serial, std::string_view state);
// Error{not_found} when the serial is unknown. A second revocation replaces time and reason.
void revoke_certificate(Transaction&, std::string_view serial, Time at, std::string_view reason);
std::optional<CertificateRow> find_certificate(Database&, std::string_view serial);
std::vector<CertificateRow> all_certificates(Database&);  // oldest first, as all lists here
// The same from behind this serial on, at most so many; empty: from the beginning. None where there
// is no such certificate.
std::vector<CertificateRow> certificates_after(Database&, std::string_view serial,
                                               std::size_t most);
std::vector<CertificateRow> certificates_of(Database&, std::string_view owner);
std::vector<CertificateRow> certificates_of_key(Database&, std::string_view key);
// Of every key with this SubjectPublicKeyInfo, whatever it is called.
std::vector<CertificateRow> certificates_of_spki(Database&, ByteView spki);
// The newest valid one of an infrastructure role.
std::optional<CertificateRow> current_certificate(Database&, std::string_view role);
// The newest of such a role that has octets, valid or not.
std::optional<CertificateRow> newest_certificate(Database&, std::string_view role);
// Calls `each` for every revoked certificate of an issuer, by serial.
void revoked_of(Database&, std::string_view issuer_serial,
                const std::function<void(const CertificateRow&)>& each);

}  // namespace tsp::store
