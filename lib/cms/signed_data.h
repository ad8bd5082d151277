// CMS SignedData with one signer, as CAdES and PAdES want it (RFC 5652; EN 319 122-1): made in two
// steps, because the private key sits behind the signature activation module, and read back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/signer.h"
#include "x509/certificate.h"

namespace tsp::cms {

struct AttributeOptions {
  std::string content_type = "1.2.840.113549.1.7.1";  // id-data
  std::optional<Time> signing_time;                   // CAdES has it, PAdES must not
};

// DER of SignedAttributes as it is signed: SET OF Attribute, tag 0x31 (RFC 5652 section 5.4), with
// content-type, message-digest and ESS signing-certificate-v2 (RFC 5035; IssuerSerial given, hash
// algorithm left out where it is the default SHA-256). Its digest is the DTBS/R.
Bytes signed_attributes(crypto::HashAlgorithm hash, ByteView content_digest,
                        const x509::Certificate& signer, const AttributeOptions& options = {});

// What signed attributes say, read strictly: Error{bad_input} for anything malformed or repeated.
struct AttributesContent {
  std::string content_type;
  Bytes message_digest;
  crypto::HashAlgorithm certificate_hash;
  Bytes certificate_digest;  // of the signing certificate
  std::optional<Time> signing_time;
};
AttributesContent parse_signed_attributes(ByteView der);

struct Parts {
  Bytes signed_attributes;  // tag 0x31
  crypto::HashAlgorithm hash;
  crypto::Scheme scheme;
  Bytes signature;
  x509::Certificate signer;
  std::vector<x509::Certificate> chain;  // embedded besides the signer's
  std::optional<Bytes> content;          // attached content; nothing: detached
  std::string content_type = "1.2.840.113549.1.7.1";
  std::optional<Bytes> signature_timestamp;  // DER of a TimeStampToken
};
// DER of the ContentInfo. Does not verify anything.
Bytes assemble(const Parts& parts);
// The size assemble() would have with a signature of `signature_size` and a token of `token_size`.
std::size_t assembled_size(const Parts& parts, std::size_t signature_size, std::size_t token_size);

struct Attribute {
  std::string oid;
  std::vector<Bytes> values;  // DER of each AttributeValue
};

// A parsed SignedData; views nothing, owns all. Judges nothing but shape: version, one digest
// algorithm a signer, definite or indefinite length accepted.
struct SignerInfo {
  Bytes issuer_and_serial_or_key_id;          // DER of the SignerIdentifier
  std::optional<crypto::HashAlgorithm> hash;  // nothing: unknown algorithm
  std::optional<crypto::Scheme> scheme;  // nothing: unknown; parameters that contradict: nothing
  std::string signature_algorithm_oid;
  Bytes signed_attributes;            // re-tagged 0x31; empty: none
  std::vector<Attribute> attributes;  // of the signed ones
  std::vector<Attribute> unsigned_attributes;
  Bytes signature;
};
struct SignedData {
  std::string content_type;
  std::optional<Bytes> content;
  std::vector<x509::Certificate> certificates;
  std::vector<Bytes> crls;            // DER CertificateLists
  std::vector<Bytes> ocsp_responses;  // DER OCSPResponses from crls.other
  std::vector<SignerInfo> signers;
};
// `der` may be followed by zero octets (the padding of a PDF's /Contents). Error{bad_input}.
SignedData parse(ByteView der);

// The certificate whose digest the signing-certificate(-v2) attribute names, of those inside and
// `more`; nothing when the attribute is absent, malformed or none fits (EN 319 102-1, 5.2.3).
std::optional<x509::Certificate> signing_certificate(
    const SignedData& data, const SignerInfo& signer,
    const std::vector<x509::Certificate>& more = {});

enum class Crypto { ok, digest_differs, signature_wrong, unsupported };
// EN 319 102-1, 5.2.7: the message-digest attribute against `content_digest` (made with
// signer.hash), then the signature value with the certificate's key. Without signed attributes
// `content_digest` itself is what is signed.
Crypto verify(const SignerInfo& signer, const x509::Certificate& certificate,
              ByteView content_digest);

}  // namespace tsp::cms
