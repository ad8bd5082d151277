// CMS SignedData with one signer, as CAdES and PAdES want it (RFC 5652; EN 319 122-1): made in two
// steps, because the private key sits behind the signature activation module, and read back.
#pragma once

#include <optional>
#include <span>
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
  Bytes issuer_serial;       // DER of the reference's IssuerSerial, as it stands; empty: absent
  std::optional<Time> signing_time;
};
AttributesContent parse_signed_attributes(ByteView der);
// Whether issuer and serial number of the reference, where they are there, are the certificate's:
// the very DER (RFC 5035 section 4: one directoryName). Does NOT compare the digest.
bool issuer_serial_fits(const AttributesContent& content, const x509::Certificate& certificate);

// RFC 3161 2.4.1: a token carries its certificate only where the request asked for it.
enum class Embed { signer_and_chain, nothing };

struct Parts {
  Bytes signed_attributes;  // tag 0x31
  crypto::HashAlgorithm hash;
  crypto::Scheme scheme;
  Bytes signature;
  x509::Certificate signer;
  std::vector<x509::Certificate> chain;  // embedded besides the signer's
  std::optional<Bytes> content;          // attached content; nothing: detached
  std::string content_type = "1.2.840.113549.1.7.1";
  std::optional<Bytes> signature_timestamp{};  // DER of a TimeStampToken
  Embed embed = Embed::signer_and_chain;
};
// DER of the ContentInfo, the same for the same parts: certificates once each and sorted, version 1
// or (content other than id-data) 3, RFC 5652 section 5.1. Does not verify anything.
Bytes assemble(const Parts& parts);
// The size assemble() would have with a signature of `signature_size` and a token of `token_size`.
std::size_t assembled_size(const Parts& parts, std::size_t signature_size, std::size_t token_size);

struct Attribute {
  std::string oid;
  std::vector<Bytes> values;  // each AttributeValue; unsigned ones as they were sent, perhaps BER
};
// The attribute when it is there exactly once and with exactly one value; otherwise null.
const Attribute* sole(const std::vector<Attribute>& attributes, std::string_view oid);

// A parsed SignedData; views nothing, owns all. Judges nothing but shape: version, one digest
// algorithm a signer, definite or indefinite length accepted.
struct SignerInfo {
  int version = 1;                            // 1 or 3
  Bytes issuer_and_serial_or_key_id;          // DER of the SignerIdentifier
  std::optional<crypto::HashAlgorithm> hash;  // nothing: unknown algorithm
  std::optional<crypto::Scheme> scheme;  // nothing: unknown; parameters that contradict: nothing
  std::string signature_algorithm_oid;
  Bytes signed_attributes;            // re-tagged 0x31, lengths as DER has them; empty: none
  std::vector<Attribute> attributes;  // of the signed ones
  std::vector<Attribute> unsigned_attributes;
  Bytes signature;
};
struct SignedData {
  int version = 1;                                       // 1, 3, 4 or 5
  std::vector<crypto::HashAlgorithm> digest_algorithms;  // the known ones of the set
  std::string content_type;
  std::optional<Bytes> content;
  std::vector<x509::Certificate> certificates;
  std::vector<Bytes> crls;            // DER CertificateLists
  std::vector<Bytes> ocsp_responses;  // DER OCSPResponses from crls.other
  std::vector<SignerInfo> signers;
};
// `der` may be followed by zero octets (the padding of a PDF's /Contents) and nothing else. BER as
// streaming producers write it is understood; attribute certificates and unknown revocation formats
// are passed over; a certificate that cannot be read is malformed input. Error{bad_input}.
// A certificate with the very octets of one of `known` is that one, and not decoded again.
SignedData parse(ByteView der, std::span<const x509::Certificate> known = {});

// The certificate whose digest the signing-certificate(-v2) attribute names, of those inside and
// `more`; nothing when the attribute is absent, malformed or none fits (EN 319 102-1, 5.2.3).
std::optional<x509::Certificate> signing_certificate(
    const SignedData& data, const SignerInfo& signer,
    const std::vector<x509::Certificate>& more = {});

enum class Crypto { ok, digest_differs, signature_wrong, unsupported };
// Whether the SignerIdentifier names this certificate, by issuer and serial number or by key
// identifier. It is not signed: for a document a contradiction is a warning only.
bool identifies(const SignerInfo& signer, const x509::Certificate& certificate);

// EN 319 102-1, 5.2.7: the message-digest attribute against `content_digest` (made with
// signer.hash), then the signature value with the certificate's key. Without signed attributes
// `content_digest` itself is what is signed. Does NOT compare the content-type attribute with the
// content's type, nor judge algorithms.
Crypto verify(const SignerInfo& signer, const x509::Certificate& certificate,
              ByteView content_digest);

}  // namespace tsp::cms
