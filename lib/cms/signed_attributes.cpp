// The signed attributes of CAdES and PAdES: written as they are signed, and read back strictly.
#include "base/error.h"
#include "cms/ber.h"
#include "cms/certificate_reference.h"
#include "cms/oids.h"
#include "cms/signed_data.h"
#include "cms/signing_time.h"

namespace tsp::cms {
namespace {

namespace der = crypto::der;

constexpr const char* kReadAttributes = "cannot read the signed attributes";

[[noreturn]] void refuse(const std::string& why) {
  throw Error(Fault::bad_input, kReadAttributes, why);
}

Bytes attribute(std::string_view type, const Bytes& value) {
  return der::sequence(der::oid(type), der::set_of({value}));
}

// DER and nothing else: shortest lengths, set sorted, nothing behind it.
std::vector<Attribute> read_set(ByteView bytes) {
  const auto set = der::first(bytes);
  if (!set || set->tag != der::kSet || set->whole.size() != bytes.size()) refuse("not DER");
  const auto members = der::children(set->content);
  if (!members) refuse("not DER");
  std::vector<Attribute> out;
  std::vector<Bytes> encoded;
  for (const der::Element& member : *members) {
    const auto fields = der::children(member.content);
    if (member.tag != der::kSequence || !fields || fields->size() != 2 ||
        (*fields)[0].tag != der::kOid || (*fields)[1].tag != der::kSet)
      refuse("a member is no attribute");
    const auto values = der::children((*fields)[1].content);
    if (!values || values->size() != 1) refuse("an attribute has not exactly one value");
    const std::string oid = der::dotted((*fields)[0].content);
    for (const Attribute& earlier : out)
      if (earlier.oid == oid) refuse("attribute " + oid + " is there twice");
    out.push_back({oid, {to_bytes(values->front().whole)}});
    encoded.push_back(to_bytes(member.whole));
  }
  if (!equal(der::set_of(encoded), bytes)) refuse("its members are not in the order of DER");
  return out;
}

const Attribute& demand(const std::vector<Attribute>& attributes, std::string_view oid,
                        std::string_view name) {
  const Attribute* found = sole(attributes, oid);
  if (found == nullptr) refuse(std::string(name) + " is missing");
  return *found;
}

der::Element value_of(const Attribute& attribute, std::uint8_t tag, const std::string& name) {
  const auto value = der::first(attribute.values.front());
  if (!value || value->tag != tag) refuse(name + " is malformed");
  return *value;
}

}  // namespace

const Attribute* sole(const std::vector<Attribute>& attributes, std::string_view oid) {
  const Attribute* found = nullptr;
  for (const Attribute& attribute : attributes) {
    if (attribute.oid != oid) continue;
    if (found != nullptr) return nullptr;
    found = &attribute;
  }
  return found != nullptr && found->values.size() == 1 ? found : nullptr;
}

Bytes signed_attributes(crypto::HashAlgorithm hash, ByteView content_digest,
                        const x509::Certificate& signer, const AttributeOptions& options) {
  if (content_digest.size() != crypto::size_of(hash))
    throw Error(Fault::failed, "the content digest is not one of this hash");
  std::vector<Bytes> members{
      attribute(oids::kContentType, der::oid(options.content_type)),
      attribute(oids::kMessageDigest, der::octet_string(content_digest)),
      attribute(oids::kSigningCertificateV2, signing_certificate_v2(hash, signer))};
  if (options.signing_time)
    members.push_back(attribute(oids::kSigningTime, encode_signing_time(*options.signing_time)));
  return der::set_of(std::move(members));
}

AttributesContent parse_signed_attributes(ByteView bytes) {
  const auto attributes = read_set(bytes);
  AttributesContent out{};
  out.content_type = der::dotted(
      value_of(demand(attributes, oids::kContentType, "content-type"), der::kOid, "content-type")
          .content);
  out.message_digest = to_bytes(value_of(demand(attributes, oids::kMessageDigest, "message-digest"),
                                         der::kOctetString, "message-digest")
                                    .content);
  const Attribute& reference =
      demand(attributes, oids::kSigningCertificateV2, "signing-certificate-v2");
  const auto named = parse_signing_certificate_v2(reference.values.front());
  if (!named) refuse("signing-certificate-v2 is malformed or of an unknown hash");
  out.certificate_hash = named->hash;
  out.certificate_digest = named->digest;
  out.issuer_serial = named->issuer_serial;
  if (const Attribute* time = sole(attributes, oids::kSigningTime)) {
    out.signing_time = parse_signing_time(time->values.front());
    if (!out.signing_time) refuse("signing-time is malformed");
  }
  if (out.content_type.empty()) refuse("content-type is malformed");
  return out;
}

bool issuer_serial_fits(const AttributesContent& content, const x509::Certificate& certificate) {
  return content.issuer_serial.empty() || equal(content.issuer_serial, issuer_serial(certificate));
}

}  // namespace tsp::cms
