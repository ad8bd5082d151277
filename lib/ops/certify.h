// What every certificate of this TSP goes through (used by founding, issuing and renewing).
#pragma once

#include <optional>

#include "ops/certificates.h"
#include "x509/issue.h"

namespace tsp::ops {

struct Certification {
  std::string profile;  // name
  x509::Subject subject;
  crypto::PublicKey key;
  std::string key_name;  // key id, or HSM label
  std::string owner;     // user, or empty
  std::string event = "cert.issue";
  std::optional<std::chrono::seconds> lifetime;
  bool self_signed = false;  // the root
};

// Plans and checks; nothing is changed. Error{policy_refused} with every objection.
x509::Plan plan_certification(Provider& provider, const Certification& what, ByteView serial);

// Reserves the serial and records the intent; durable; the HSM signs; completes and records;
// durable. A failure after the intent abandons the serial, on record.
CertificateInfo certify(Provider& provider, const Certification& what);

// The subject of a signer's certificate, from what was enrolled.
x509::Subject subject_of(const store::UserRow& user);

CertificateInfo info_of(const store::CertificateRow& row);

}  // namespace tsp::ops
