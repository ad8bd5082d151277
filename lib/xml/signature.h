// Enveloped XML signatures over a whole document (W3C XML Signature 1.1), as ETSI TS 119 612 clause
// 5.7.1 asks of trusted lists, with the signed properties of XAdES (ETSI EN 319 132-1):
//
//   <Root> … <ds:Signature>
//     <ds:SignedInfo> CanonicalizationMethod, SignatureMethod,
//       Reference URI=""       Transforms: enveloped-signature, exclusive C14N
//       Reference URI="#Id"    of SignedProperties in this signature; at most one
//     </ds:SignedInfo>
//     <ds:SignatureValue>, <ds:KeyInfo>, <ds:Object><xades:QualifyingProperties>…
//   </ds:Signature></Root>
//
// There must be exactly one ds:Signature anywhere in the document, and it must be a child of the
// root: so there is nothing to wrap, and nothing else to refer to. Other references, transforms and
// canonicalisations are refused, inclusive ones too. Digests SHA-256, 384, 512; signatures RSA
// (PKCS#1 v1.5, and PSS with parameters by name) and ECDSA with those.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/public_key.h"
#include "xml/document.h"

namespace tsp::xml {

inline constexpr std::string_view kDsig = "http://www.w3.org/2000/09/xmldsig#",
                                  kXades132 = "http://uri.etsi.org/01903/v1.3.2#";

// Of a certificate, as xades:SigningCertificate or V2 states it.
struct CertificateDigest {
  crypto::HashAlgorithm hash;
  Bytes value;
};

struct SignatureVerdict {
  std::string problem;             // for people; empty exactly when the signature holds
  std::optional<std::size_t> key;  // of `keys`, which made it
  crypto::Scheme scheme = crypto::Scheme::ecdsa;
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha256;
  // What the signature says of itself. KeyInfo is signed by nobody: a certificate in it is a hint
  // and trusted by nothing here. The XAdES properties are covered by the signature that holds.
  std::vector<Bytes> certificates;  // ds:X509Certificate, DER
  std::optional<std::string> signing_time;
  std::vector<CertificateDigest> signing_certificate;
};

// Takes the signature out of the document and judges it with each of the keys, of which there are
// few. Where it holds, what is left in `document` is what was signed, comments aside. Says nothing
// of the strength of algorithms and keys (crypto::objection), nor of whose keys they are.
SignatureVerdict verify_enveloped(Document& document, const std::vector<crypto::PublicKey>& keys);

}  // namespace tsp::xml
