// RFC 3161 time-stamps, profile EN 319 422: requests, tokens, replies.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/error.h"
#include "cms/signed_data.h"

namespace tsp::cms {

struct TimestampRequest {
  crypto::HashAlgorithm hash;
  Bytes imprint;
  std::optional<std::string> policy;
  std::optional<Bytes> nonce;  // big-endian magnitude
  bool certificates = true;
};
Bytes make_request(const TimestampRequest& request);
// PKIFailureInfo, RFC 3161 section 2.4.2: bit numbers.
enum class FailureInfo {
  bad_alg = 0,
  bad_request = 2,
  bad_data_format = 5,
  time_not_available = 14,
  unaccepted_policy = 15,
  unaccepted_extension = 16,
  system_failure = 25
};
// An Error that knows what to answer.
struct RequestRefused : Error {
  RequestRefused(FailureInfo info_, Fault fault_, std::string why_);
  FailureInfo info;
};
// Throws RequestRefused: bad_input for what is malformed, of another version or followed by
// anything, negative nonces included; policy_refused for a hash that is unknown or an imprint of
// another length (bad_alg), and for any extension, critical or not, as none is known here
// (unaccepted_extension, RFC 3161 section 2.4.1).
TimestampRequest parse_request(ByteView der);

struct TstInfo {
  std::string policy;
  crypto::HashAlgorithm hash;
  Bytes imprint;
  Bytes serial;  // magnitude
  Time time;
  std::optional<std::chrono::microseconds> accuracy;
  bool ordering = false;
  std::optional<Bytes> nonce;
};
// DER of TSTInfo, genTime in whole seconds.
Bytes encode_tst_info(const TstInfo& info);
// Shape and version only; fractions of genTime below a millisecond are dropped. Error{bad_input},
// also for an unknown hash and for an unknown critical extension.
TstInfo parse_tst_info(ByteView der);

struct StampOrder {
  TstInfo info;
  bool include_certificates = true;
  std::vector<x509::Certificate> chain;
};
// The token: SignedData over TSTInfo with signing-certificate-v2 and signing-time; signed by the
// TSU key and verified before it is returned. DER of the ContentInfo. Error{policy_refused} where
// the certificate is not of this key or lacks the critical and only EKU id-kp-timeStamping. Does
// NOT judge the clock, nor whether certificate and key may still be used.
Bytes issue_token(const StampOrder& order, const x509::Certificate& tsu, crypto::Signer& key);
// The two halves of it, for who lets the key sign the next meanwhile. What sign_token() returns is
// NOT verified: nobody gets it before check_signed_token(), which needs no key and throws
// Error{hsm_unavailable}, has passed.
Bytes sign_token(const StampOrder& order, const x509::Certificate& tsu, crypto::Signer& key);
void check_signed_token(ByteView token, const StampOrder& order, const x509::Certificate& tsu);

// DER of TimeStampResp: granted with the token, or rejected with PKIFailureInfo bit and text.
Bytes granted(ByteView token);
Bytes rejected(FailureInfo info, const std::string& text);
// The token inside a reply; Error{evidence_missing} with the TSA's own words when it refused,
// Error{bad_input} when malformed.
Bytes token_of_reply(ByteView der);

struct Token {
  SignedData data;
  TstInfo info;
  Bytes der;
};
// Error{bad_input}; zero octets may follow. `known`: certificates not to be decoded again, as for
// parse().
Token parse_token(ByteView der, std::span<const x509::Certificate> known = {});

// Why the token is no answer to the request (imprint, hash, nonce, policy asked for), or nothing.
std::optional<std::string> mismatch(const Token& token, const TimestampRequest& request);
// The TSU certificate when exactly one signer, its signing-certificate attribute fits and the
// signature over TSTInfo verifies, and the certificate has the critical and only EKU
// id-kp-timeStamping; otherwise nothing and the reason. Stricter than for documents with what no
// signature covers: versions, digest algorithms, content type and SignerIdentifier must agree too,
// so that only the further certificates can be changed unseen. Does NOT judge the path or dates.
struct TokenVerdict {
  std::optional<x509::Certificate> tsu;
  std::string reason;
};
TokenVerdict verify_token(const Token& token, const std::vector<x509::Certificate>& more = {});

}  // namespace tsp::cms
