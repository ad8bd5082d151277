// Writing a SignedData with one signer, RFC 5652 section 5.
#include <algorithm>

#include "base/error.h"
#include "cms/certificate_reference.h"
#include "cms/oids.h"
#include "cms/signed_data.h"
#include "crypto/der.h"

namespace tsp::cms {
namespace {

namespace der = crypto::der;

// CertificateSet: sorted, each once.
Bytes certificate_set(const Parts& parts) {
  std::vector<Bytes> members{parts.signer.der()};
  for (const x509::Certificate& certificate : parts.chain) members.push_back(certificate.der());
  std::ranges::sort(members);
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return der::set_of(std::move(members), der::context(0));
}

Bytes encapsulated(const Parts& parts) {
  const Bytes content =
      parts.content ? der::tlv(der::context(0), der::octet_string(*parts.content)) : Bytes();
  return der::sequence(der::oid(parts.content_type), content);
}

// SignedAttributes are signed as a SET OF and carried with the tag [0].
Bytes carried_attributes(const Parts& parts) {
  const auto set = der::first(parts.signed_attributes);
  if (!set || set->tag != der::kSet || set->whole.size() != parts.signed_attributes.size())
    throw Error(Fault::failed, "the signed attributes are no SET");
  return der::tlv(der::context(0), set->content);
}

Bytes signer_info(const Parts& parts, ByteView signature, const std::optional<Bytes>& token) {
  Bytes unsigned_attributes;
  if (token)
    unsigned_attributes = der::set_of(
        {der::sequence(der::oid(oids::kSignatureTimestamp), der::tlv(der::kSet, *token))},
        der::context(1));
  return der::sequence(der::integer(1), issuer_and_serial(parts.signer),
                       crypto::digest_identifier(parts.hash), carried_attributes(parts),
                       crypto::signature_identifier(parts.scheme, parts.hash),
                       der::octet_string(signature), unsigned_attributes);
}

Bytes encode(const Parts& parts, ByteView signature, const std::optional<Bytes>& token) {
  // Section 5.1: with SignerInfos of version 1 and plain certificates only the content type counts.
  const int version = parts.content_type == oids::kData ? 1 : 3;
  const Bytes certificates =
      parts.embed == Embed::signer_and_chain ? certificate_set(parts) : Bytes();
  const Bytes signed_data = der::sequence(
      der::integer(version), der::set_of({crypto::digest_identifier(parts.hash)}),
      encapsulated(parts), certificates, der::set_of({signer_info(parts, signature, token)}));
  return der::sequence(der::oid(oids::kSignedData), der::tlv(der::context(0), signed_data));
}

}  // namespace

Bytes assemble(const Parts& parts) {
  return encode(parts, parts.signature, parts.signature_timestamp);
}

std::size_t assembled_size(const Parts& parts, std::size_t signature_size, std::size_t token_size) {
  const std::optional<Bytes> token =
      token_size > 0 ? std::optional(Bytes(token_size)) : std::nullopt;
  return encode(parts, Bytes(signature_size), token).size();
}

}  // namespace tsp::cms
