// Judging one SignerInfo: which certificate, and whether the value is right.
#include "base/error.h"
#include "cms/ber.h"
#include "cms/certificate_reference.h"
#include "cms/oids.h"
#include "cms/signed_data.h"
#include "crypto/digest.h"

namespace tsp::cms {
namespace {

namespace der = crypto::der;

// The reference of version 2, or of version 1 where there is none.
std::optional<CertificateReference> reference_of(const SignerInfo& signer) {
  const auto present = [&](std::string_view oid) {
    for (const Attribute& attribute : signer.attributes)
      if (attribute.oid == oid) return true;
    return false;
  };
  if (const Attribute* second = sole(signer.attributes, oids::kSigningCertificateV2))
    return parse_signing_certificate_v2(second->values.front());
  const Attribute* first = sole(signer.attributes, oids::kSigningCertificate);
  if (first == nullptr || present(oids::kSigningCertificateV2)) return std::nullopt;
  return parse_signing_certificate_v1(first->values.front());
}

bool digest_matches(const SignerInfo& signer, ByteView content_digest) {
  const Attribute* attribute = sole(signer.attributes, oids::kMessageDigest);
  if (attribute == nullptr) return false;
  const auto value = der::first(attribute->values.front());
  return value && value->tag == der::kOctetString && equal(value->content, content_digest);
}

std::optional<crypto::PublicKey> key_of(const x509::Certificate& certificate) {
  try {
    return certificate.public_key();
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<x509::Certificate> signing_certificate(const SignedData& data,
                                                     const SignerInfo& signer,
                                                     const std::vector<x509::Certificate>& more) {
  const auto reference = reference_of(signer);
  if (!reference) return std::nullopt;
  for (const auto* candidates : {&data.certificates, &more})
    for (const x509::Certificate& candidate : *candidates)
      if (crypto::digest(reference->hash, candidate.der()) == reference->digest) return candidate;
  return std::nullopt;
}

bool identifies(const SignerInfo& signer, const x509::Certificate& certificate) {
  const auto identifier = ber::first(signer.issuer_and_serial_or_key_id);
  if (!identifier) return false;
  if (identifier->tag == der::kSequence)
    return equal(identifier->whole, issuer_and_serial(certificate));
  const auto key_id = certificate.subject_key_id();
  return key_id && equal(identifier->content, *key_id);
}

Crypto verify(const SignerInfo& signer, const x509::Certificate& certificate,
              ByteView content_digest) {
  if (!signer.hash || !signer.scheme) return Crypto::unsupported;
  const auto key = key_of(certificate);
  if (!key || !crypto::is_tractable(key->get())) return Crypto::unsupported;
  const bool whole_message = *signer.scheme == crypto::Scheme::ed25519;
  if (signer.signed_attributes.empty()) {
    if (whole_message) return Crypto::unsupported;
    return key->verify(*signer.scheme, *signer.hash, content_digest, signer.signature)
               ? Crypto::ok
               : Crypto::signature_wrong;
  }
  if (!digest_matches(signer, content_digest)) return Crypto::digest_differs;
  const Bytes signed_value = whole_message ? signer.signed_attributes
                                           : crypto::digest(*signer.hash, signer.signed_attributes);
  return key->verify(*signer.scheme, *signer.hash, signed_value, signer.signature)
             ? Crypto::ok
             : Crypto::signature_wrong;
}

}  // namespace tsp::cms
