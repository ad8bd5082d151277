// Making certificates: plan (pure, policy speaks), build, check the very bytes, sign.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "crypto/signer.h"
#include "x509/certificate.h"
#include "x509/profile.h"

namespace tsp::x509 {

// The subject of a certificate; empty strings are left out. Which must be there is the profile's to
// say (EN 319 412-2 and -3).
struct Subject {
  std::string country, organization, organization_id, organizational_unit, given_name, surname,
      pseudonym, serial_number, common_name, email;
};

struct Order {
  Profile profile;
  Subject subject;
  crypto::PublicKey key;
  Bytes serial;                // 16 octets, positive; stored by the caller before he signs
  Time not_before, not_after;  // whole seconds
  std::string crl_url, ocsp_url, issuer_url;  // empty: left out
  std::string policy_oid;                     // where the profile asks for one
};

// What will be signed: DER of the TBSCertificate, checked.
struct Plan {
  Bytes tbs;
  std::vector<std::string> objections;  // empty: may be signed
};

// Builds the TBSCertificate and judges it against profile, issuer and suite: subject fields,
// lifetime inside the issuer's, key strength, extensions, criticality. `issuer` is absent for a
// self-signed root. `now` is the moment judged. The signature algorithm written is the issuing
// key's.
Plan plan_certificate(const Order& order, const Certificate* issuer,
                      const crypto::PublicKey& issuer_key, Time now);

// Signs exactly plan.tbs. Throws Error{policy_refused} with all objections when there are any, and
// verifies the result with the issuer's public key before it returns.
Certificate issue_certificate(const Plan& plan, crypto::Signer& issuer_key);

}  // namespace tsp::x509
