// The activation request: what a signer's device signs, an OCRA code is computed over and an
// out-of-band code is sent for. It binds signer, credential, certificate, manifest, number of
// signatures, session and end (CSC: SAD request; EN 419 241-1 SRA_SAP.2.3). Pure: nothing here asks
// store or HSM. docs/formats/activation-request.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "sam/manifest.h"

namespace tsp::sam {

enum class Ask { sign, new_pin };  // what is to be approved

struct ActivationRequest {
  Bytes id;  // 16 random octets, the session's
  Ask ask = Ask::sign;
  std::string provider;            // the TSP's name, for people
  std::string signer, credential;  // login name; key id
  std::string certificate_serial;  // empty for new_pin
  Bytes manifest_sha256;           // of new_pin: 32 zero octets
  std::uint32_t count = 0;         // signatures: entries of the manifest; none for new_pin
  Time created_at{}, expires_at{};
  Bytes answer_point;  // P-256: what the answer is sealed to
};

Bytes encode(const ActivationRequest& request);
// Error{bad_input} for octets that encode() did not make of a request with all its parts: texts
// that would mislead whoever reads them, times after the year 9999, a point that is none. Does NOT
// look at the clock.
ActivationRequest decode_request(ByteView octets);
Bytes request_hash(const ActivationRequest& request);  // SHA-256 of encode()

// All that crosses to a device: request, what it is for, and the share sealed to that device
// (empty for SCAL 1). Text form: base64 of the octets.
struct DeviceQuestion {
  ActivationRequest request;
  Bytes manifest;  // encoded; its SHA-256 is the request's, which the device checks
  Bytes sealed_share;
};
Bytes encode(const DeviceQuestion& question);
// Error{tampered} where its manifest is not the request's, or names another number of documents;
// {bad_input} where it is the request's and none.
void check_manifest(const DeviceQuestion& question);
// Error{bad_input}; {tampered} for another manifest than the request's.
DeviceQuestion decode_question(ByteView octets);

}  // namespace tsp::sam
