// Reading a SignedData of any producer, RFC 5652 section 5. Every byte is hostile.
#include <algorithm>

#include "base/error.h"
#include "cms/algorithm_identifier.h"
#include "cms/ber.h"
#include "cms/oids.h"
#include "cms/signed_data.h"

namespace tsp::cms {
namespace {

namespace der = crypto::der;
using ber::Element;
using ber::Members;

constexpr const char* kReadSignature = "cannot read the CMS signature";

int version_of(Members& members, std::initializer_list<int> known) {
  const auto version = ber::small_integer(members.take(der::kInteger, "a version").content);
  if (!version || std::ranges::find(known, *version) == known.end())
    members.fail("a version is unknown");
  return *version;
}

Attribute attribute_of(const Members& parent, const Element& element) {
  if (element.tag != der::kSequence) parent.fail("an attribute is malformed");
  Members fields = parent.into(element);
  Attribute out{der::dotted(fields.take(der::kOid, "an attribute's type").content), {}};
  const Element& values = fields.take(der::kSet, "an attribute's set of values");
  fields.expect_done("an attribute's values");
  Members each = parent.into(values);
  while (!each.done()) out.values.push_back(to_bytes(each.take_any("a value").whole));
  return out;
}

std::vector<Attribute> attributes_of(const Members& parent, const Element& set) {
  std::vector<Attribute> out;
  Members members = parent.into(set);
  while (!members.done()) out.push_back(attribute_of(parent, members.take_any("an attribute")));
  return out;
}

void read_signed_attributes(const Members& parent, const Element& carried, SignerInfo& out) {
  auto encoded = ber::canonical(carried);
  if (!encoded) parent.fail("the signed attributes are damaged");
  encoded->front() = der::kSet;
  out.attributes = attributes_of(parent, *ber::first(*encoded));
  if (out.attributes.empty()) parent.fail("the signed attributes are empty");
  out.signed_attributes = std::move(*encoded);
}

SignerInfo signer_info_of(const Members& parent, const Element& element) {
  if (element.tag != der::kSequence) parent.fail("a SignerInfo is malformed");
  Members fields = parent.into(element);
  SignerInfo out;
  out.version = version_of(fields, {1, 3});
  const Element& identifier = fields.take_any("the signer's identifier");
  if (identifier.tag != der::kSequence && identifier.tag != der::context(0, false))
    fields.fail("the signer's identifier is of an unknown kind");
  const auto encoded = ber::canonical(identifier);
  if (!encoded) fields.fail("the signer's identifier is damaged");
  out.issuer_and_serial_or_key_id = *encoded;
  out.hash = digest_algorithm(fields.take(der::kSequence, "the digest algorithm"));
  if (const Element* set = fields.take_if(der::context(0)))
    read_signed_attributes(fields, *set, out);
  const SignatureAlgorithm algorithm =
      signature_algorithm(fields.take(der::kSequence, "the signature algorithm"), out.hash);
  out.signature_algorithm_oid = algorithm.oid;
  out.scheme = algorithm.scheme;
  const auto signature = ber::octets(fields.take_any("the signature value"));
  if (!signature) fields.fail("the signature value is no octet string");
  out.signature = *signature;
  if (const Element* set = fields.take_if(der::context(1)))
    out.unsigned_attributes = attributes_of(fields, *set);
  fields.expect_done("a SignerInfo");
  return out;
}

void read_content(const Members& parent, const Element& element, SignedData& out) {
  Members fields = parent.into(element);
  out.content_type = der::dotted(fields.take(der::kOid, "the content type").content);
  if (out.content_type.empty()) fields.fail("the content type is malformed");
  if (const Element* wrapped = fields.take_if(der::context(0))) {
    Members inner = fields.into(*wrapped);
    const auto content = ber::octets(inner.take_any("the content"));
    if (!content) fields.fail("the content is no octet string");
    inner.expect_done("the content");
    out.content = *content;
  }
  fields.expect_done("the content");
}

// One that the caller has decoded already is not decoded again: OpenSSL takes half a millisecond.
x509::Certificate certificate_of(ByteView der, std::span<const x509::Certificate> known) {
  for (const x509::Certificate& certificate : known)
    if (equal(certificate.der(), der)) return certificate;
  return x509::Certificate::from_der(der);
}

void read_certificates(const Members& parent, const Element& set,
                       std::span<const x509::Certificate> known, SignedData& out) {
  Members members = parent.into(set);
  while (!members.done()) {
    const Element& member = members.take_any("a certificate");
    if (member.tag == der::kSequence)
      out.certificates.push_back(certificate_of(member.whole, known));
    else if (member.tag < der::context(0) || member.tag > der::context(3))
      members.fail("a certificate is of an unknown kind");
  }
}

void read_revocations(const Members& parent, const Element& set, SignedData& out) {
  Members members = parent.into(set);
  while (!members.done()) {
    const Element& member = members.take_any("revocation information");
    if (member.tag == der::kSequence) {
      out.crls.push_back(to_bytes(member.whole));
      continue;
    }
    if (member.tag != der::context(1)) members.fail("revocation information is of an unknown kind");
    Members other = members.into(member);
    const std::string format = der::dotted(other.take(der::kOid, "a revocation format").content);
    const Element& value = other.take_any("a revocation value");
    other.expect_done("a revocation value");
    if (format == oids::kOcspResponse) out.ocsp_responses.push_back(to_bytes(value.whole));
  }
}

SignedData signed_data_of(Members fields, std::span<const x509::Certificate> known) {
  SignedData out;
  out.version = version_of(fields, {1, 3, 4, 5});
  Members algorithms = fields.into(fields.take(der::kSet, "the set of digest algorithms"));
  while (!algorithms.done())
    if (const auto hash = digest_algorithm(algorithms.take(der::kSequence, "a digest algorithm")))
      out.digest_algorithms.push_back(*hash);
  read_content(fields, fields.take(der::kSequence, "the content"), out);
  if (const Element* set = fields.take_if(der::context(0)))
    read_certificates(fields, *set, known, out);
  if (const Element* set = fields.take_if(der::context(1))) read_revocations(fields, *set, out);
  Members signers = fields.into(fields.take(der::kSet, "the set of signers"));
  while (!signers.done())
    out.signers.push_back(signer_info_of(signers, signers.take_any("a SignerInfo")));
  fields.expect_done("the signers");
  return out;
}

}  // namespace

SignedData parse(ByteView bytes, std::span<const x509::Certificate> known) {
  const auto outer = ber::first(bytes);
  if (!outer || outer->tag != der::kSequence)
    throw Error(Fault::bad_input, kReadSignature, "it is no ASN.1 structure, or cut off");
  for (std::uint8_t octet : bytes.subspan(outer->whole.size()))
    if (octet != 0) throw Error(Fault::bad_input, kReadSignature, "something follows it");
  Members fields(outer->content, kReadSignature);
  if (der::dotted(fields.take(der::kOid, "the content type").content) != oids::kSignedData)
    fields.fail("it is CMS, but not SignedData");
  Members wrapped = fields.into(fields.take(der::context(0), "the SignedData"));
  fields.expect_done("the SignedData");
  const Element& inner = wrapped.take(der::kSequence, "the SignedData");
  wrapped.expect_done("the SignedData");
  return signed_data_of(wrapped.into(inner), known);
}

}  // namespace tsp::cms
