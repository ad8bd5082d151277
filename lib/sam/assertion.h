// The assertion: what an authentication service says to a signing service in place of factors of
// SCAL 1 (EN 419 241-1, SRA_SAP.2: signer, credential and documents in one signed statement). Pure:
// nothing here asks store or HSM. docs/formats/assertion.md.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "crypto/signer.h"
#include "sam/manifest.h"
#include "sam/requirement.h"
#include "x509/certificate.h"

namespace tsp::sam {

// The key of the token `signers` that signs assertions; its certificate has the role "sam".
inline constexpr const char* kModuleKey = "sam-1";

inline constexpr std::chrono::seconds kLongestAssertion{5 * 60};
// How far the clocks of two services may be apart.
inline constexpr std::chrono::seconds kAssertionSkew{30};

struct Assertion {
  Bytes id;                      // 16 random octets
  std::string issuer, audience;  // services, by the names of their audit logs
  std::string signer, credential;
  Bytes manifest_sha256;
  std::uint32_t count = 0;  // documents
  int scal = 1;             // always
  Factors factors;          // that were verified
  Time issued_at{}, expires_at{};
};

// What is signed.
Bytes encode(const Assertion& assertion);
// The whole, with the key's signature. Does NOT check that `key` is the issuer's.
Bytes sign_assertion(const Assertion& assertion, crypto::Signer& key);

struct SignedAssertion {
  Assertion assertion;
  Bytes signed_octets, signature;
};
// Error{bad_input} for octets that sign_assertion() did not make of an assertion with all its
// parts: misleading texts, unknown factors, times that are none or too far apart. Does NOT look at
// signature, clock, or who it is for.
SignedAssertion decode_assertion(ByteView octets);
bool is_signed_by(const SignedAssertion& assertion, const crypto::PublicKey& key);

// What a signing service takes assertions from, and as whom.
struct AcceptedAssertions {
  std::string audience;
  std::map<std::string, x509::Certificate, std::less<>> issuers;  // by their names
};

// Whether these factors are all those of one alternative, at least.
bool fulfils(const Factors& verified, const Requirement& requirement);

}  // namespace tsp::sam
