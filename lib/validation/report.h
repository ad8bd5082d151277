// What validation says (EN 319 102-1 clause 5, TS 119 102-2): data with stable ids. Reports of
// every kind are made from it; nothing here is computed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace tsp::validation {

enum class Indication { total_passed, total_failed, indeterminate };
std::string_view name_of(Indication indication);  // "TOTAL-PASSED", …

// What a building block or process says (EN 319 102-1, 5.1.3).
enum class Status { passed, failed, indeterminate };
std::string_view name_of(Status status);  // "PASSED", "FAILED", "INDETERMINATE"

enum class Severity { info, warning, error };
std::string_view name_of(Severity severity);

// Ids are part of the JSON output: never renamed, never reused; the text may change.
struct Finding {
  Severity severity;
  std::string id;
  std::string detail;
};

// One building block or process, in the order they ran. A block that did not run is not listed.
struct StepResult {
  std::string clause;  // of EN 319 102-1: "5.2.6"
  std::string name;    // "x509-validation"; never renamed
  Status status = Status::passed;
  std::string sub_indication;  // empty when passed
  std::string finding;         // id, empty when passed
  std::string reason;          // for people
};

// What the status of one certificate was read from.
struct RevocationUsed {
  std::string kind;    // crl, ocsp, or none where the certificate needs none or there is none
  std::string status;  // good, revoked, suspended, unknown, not-needed
  // Where it came from: signature (the CMS), timestamp (a token), document (the security store),
  // given (HOME or the caller), fetched.
  std::string origin;
  std::string issuer;  // RFC 4514: of the CRL, or the responder's subject
  std::optional<Time> this_update, next_update, revoked_at;
  std::string reason;          // of a revocation, RFC 5280's names
  std::optional<Time> proven;  // the earliest proof that it existed
  bool fresh = false;          // 5.2.5, at the moment that the conclusion is about
  std::string sha256;          // hex, of the DER; empty for none
  std::string text;            // for people: what it lacks, or why none is needed
};

struct ChainCertificate {
  std::string subject, issuer;  // RFC 4514
  std::string serial, sha256;   // hex
  Time not_before{}, not_after{};
  bool trust_anchor = false;
  std::string key;             // "ECDSA P-256", "RSA 3072"
  std::string origin;          // as above, or anchor
  std::optional<Time> proven;  // the earliest proof that it existed
  Bytes der;
  std::optional<RevocationUsed> revocation;  // none for the anchor
};

// Something that existed at that time (5.6.2.3).
struct ProofOfExistence {
  std::string object;  // signature, timestamp, certificate, crl, ocsp
  std::string name;    // whose: field of the signature, subject, issuer
  std::string sha256;  // hex, of the object's octets (of a signature: its value)
  Time time{};
  std::string by;  // id of the time-stamp; "validation" for the current time
};

struct TimestampResult {
  std::string id;    // "FIELD" of a document time-stamp, "FIELD/1" of a signature's first
  std::string kind;  // signature, document
  std::optional<Time> time;
  std::string tsa;  // RFC 4514
  Indication indication = Indication::indeterminate;
  std::string sub_indication;
  std::string serial, policy;  // hex; dotted
  std::string hash_algorithm;  // of the imprint
  bool past = false;           // held by past signature validation, not at the current time
  std::optional<Time> proven;  // the earliest proof, by another time-stamp, that it existed
  std::vector<StepResult> steps;
  std::vector<ChainCertificate> chain;  // the unit to the anchor, as far as found
};

struct SignatureResult {
  std::string id;  // field name
  std::string format;
  std::string level;  // B-B, B-T, B-LT, B-LTA or none; time-stamps that fail for good do not count
  std::string next_level_lacks;  // for people: what keeps it from the next level; empty for B-LTA
  Indication indication = Indication::indeterminate;
  std::string sub_indication;  // empty for TOTAL-PASSED
  std::string signer, certificate_serial;
  std::optional<Time> claimed_signing_time;
  std::optional<Time> best_signature_time;  // nothing: no time-stamp proves any before the moment
                                            // that was judged
  std::string coverage;                     // whole-file, revision, not-covered
  std::string modifications;                // none, allowed, unexpected, unknown
  std::vector<TimestampResult> timestamps;
  std::vector<Finding> findings;
  std::optional<Time> extend_before;
  std::string extend_before_because;  // for people: what ends then
  std::string sub_filter, signature_algorithm, hash_algorithm;
  std::string signature_sha256;  // hex, of the signature value
  Bytes signature_value;         // empty where there is not exactly one signer
  std::string content_digest;    // hex, of the signed octets, by hash_algorithm; empty: unknown
  // Whether signature and hash algorithm are in the policy's suite at best-signature-time, or at
  // the moment judged where nothing proves an earlier one; nothing: the algorithms are not known.
  std::optional<bool> algorithms_accepted;
  std::optional<Time> algorithms_until;  // the last moment that they are; nothing: no end
  std::string reason, location;          // as the signer claims
  std::vector<StepResult> steps;  // blocks first, then the processes 5.3, 5.5, 5.6 with their end
  std::vector<ChainCertificate> chain;  // signer to anchor, as far as found
  std::vector<ProofOfExistence> proofs;
};

struct Report {
  std::string file;
  Time at{};           // the moment that was judged
  std::string policy;  // name of the validation policy
  Indication indication = Indication::indeterminate;
  std::string sub_indication;
  std::vector<SignatureResult> signatures;
  std::vector<Finding> findings;  // about the file
};

}  // namespace tsp::validation
