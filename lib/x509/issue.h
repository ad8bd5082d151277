// Making certificates: plan (pure, policy speaks), build, check the very bytes, sign.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "crypto/signer.h"
#include "x509/certificate.h"
#include "x509/profile.h"

namespace tsp::x509 {

// The subject of a certificate, UTF-8; empty strings are left out. Which must be there is the
// profile's to say (EN 319 412-2 and -3). `email` becomes a subjectAltName; serial_number of a
// natural person and organization_id are semantics identifiers (EN 319 412-1): PNOLU-1234,
// VATLU-1234, or a national scheme LU:LU-1234 (two characters and a colon).
struct Subject {
  std::string country, organization, organization_id, organizational_unit, given_name, surname,
      pseudonym, serial_number, common_name, email;
};

// Whether a certificate may carry it as serial_number or as organization_id.
bool is_person_identifier(std::string_view text);
bool is_organisation_identifier(std::string_view text);

// RFC 4514, as it will stand in the certificate. Judges nothing.
std::string to_text(const Subject& subject);

// PKCS#10 (RFC 2986): a request without extensions, signed by its key.
Bytes make_request(const Subject& subject, crypto::Signer& key);

// 16 octets, the first 40 to 7f: positive, of that length in every encoding, 126 random bits.
Bytes random_serial();

struct Order {
  Profile profile;
  Subject subject;
  crypto::PublicKey key;
  Bytes serial;                // see random_serial(); stored by the caller before he signs
  Time not_before, not_after;  // whole seconds; not_after is the last valid one
  std::string crl_url, ocsp_url, issuer_url;  // empty: left out
  std::string policy_oid;  // 2.25.…; stands for "test" in the profile's policies
};

// What will be signed: DER of the TBSCertificate, checked.
struct Plan {
  Bytes tbs;
  std::vector<std::string> objections;  // empty: may be signed
  Bytes issuer_key_sha256;              // of the key it was planned for: no other may sign it
};

// Builds the TBSCertificate, parses those bytes anew and judges them against profile, issuer and
// suite: subject fields, lifetime inside the issuer's, key strength, extensions, criticality.
// `issuer` is absent for a self-signed root. `now` is the moment judged. The signature algorithm
// written is the issuing key's. URLs that the profile has no place for are left out: none in roots
// and, but for issuer_url, in validity-assured certificates; no OCSP in a responder's.
// NOT checked: that serial, key or subject are new (the store's), and whether the key was proved to
// be the subject's.
Plan plan_certificate(const Order& order, const Certificate* issuer,
                      const crypto::PublicKey& issuer_key, Time now);

// Signs exactly plan.tbs. Throws Error{policy_refused} with all objections when there are any, and
// verifies the result with the issuer's public key before it returns.
Certificate issue_certificate(const Plan& plan, crypto::Signer& issuer_key);

}  // namespace tsp::x509
