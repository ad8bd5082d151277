#include "serve/csc_documents.h"

#include <algorithm>
#include <set>

#include "cms/timestamp.h"
#include "crypto/digest.h"
#include "ops/json_members.h"
#include "sam/bare_manifest.h"

namespace tsp::serve::csc {
namespace {

using crypto::HashAlgorithm;
using ops::Level;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 'a' - 'A');
  return text;
}

sam::Form form_of(const Json& entry) {
  const std::string format = text_parameter(entry, "signature_format");
  if (format == "P") return sam::Form::pades;
  if (format != "C") invalid("Invalid parameter signature_format");
  return sam::Form::cades;
}

// The specification writes "Ades-" and "AdES-".
Level level_of(const Json& entry, sam::Form form) {
  const std::string named = lower(optional_text(entry, "conformance_level").value_or("AdES-B-B"));
  if (named == "ades-b-b") return Level::b_b;
  if (named == "ades-b-t") return Level::b_t;
  if (named == "ades-b-lt" && form == sam::Form::pades) return Level::b_lt;
  invalid("Invalid parameter conformance_level");
}

// Of a digest there is nothing to envelop: a PDF's dictionary is the caller's.
void check_envelope(const Json& entry, sam::Form form) {
  const auto property = optional_text(entry, "signed_envelope_property");
  if (!property) return;
  const bool right = form == sam::Form::pades
                         ? *property == "Certification" || *property == "Revision"
                         : *property == "Detached";
  if (!right) invalid("Invalid parameter signed_envelope_property");
}

void check_properties(const Json& entry) {
  const Json* properties = ops::find_member(entry, "signed_props");
  if (properties == nullptr) return;
  if (!properties->is_array()) missing("array", "signed_props");
  std::string names;
  for (const Json& each : *properties) {
    if (!each.is_object()) missing("array", "signed_props");
    names += (names.empty() ? "" : ", ") + text_parameter(each, "attribute_name");
  }
  if (!names.empty()) invalid("Invalid parameter signed_props (" + names + ")");
}

HashAlgorithm hash_of_entry(const Json& entry, std::size_t length) {
  const auto implied = hash_of_signature(text_parameter(entry, "signAlgo"));
  if (!optional_text(entry, "hashAlgorithmOID") && implied) return *implied;
  const HashAlgorithm hash = hash_of(Version::v2, entry, length);
  if (implied && *implied != hash)
    invalid("String parameter hashAlgorithmOID contradicts with signAlgo parameter");
  return hash;
}

const Json& digests_of(const Json& body) {
  const Json& digests = *ops::find_member(body, "documentDigests");
  if (!digests.is_array()) invalid("Invalid object parameter documentDigests");
  if (digests.empty()) invalid("Empty documentDigests and documents objects");
  return digests;
}

// A CMS and what its certificates' status must be shown for.
struct Made {
  Bytes contents;
  std::vector<ops::EvidenceSubject> subjects;
};

void verify(const Bytes& contents, const x509::Certificate& signer, ByteView digest) {
  const cms::SignedData data = cms::parse(contents, std::vector{signer});
  if (data.signers.size() != 1 ||
      cms::verify(data.signers.front(), signer, digest) != cms::Crypto::ok)
    throw Error(Fault::failed, "the signature is not right", "it does not verify as it was built",
                "it is given to nobody");
}

Made make_one(const SignedDigests& made, std::size_t at, ops::Backend& authority,
              ops::EvidenceCollector& collector) {
  const sam::Manifest& manifest = made.wanted.manifest;
  const sam::Signature& signature = made.result.signatures[at];
  const x509::Certificate& signer = made.result.certificate.value();
  const auto key = signer.public_key().algorithm();
  cms::Parts parts{made.result.signed_attributes[at],
                   manifest.hash,
                   crypto::scheme_for(key.value(), crypto::Purpose::document),
                   signature.value,
                   signer,
                   made.chain,
                   {}};
  Made out;
  Time proof = collector.library().sources().now();
  if (made.wanted.orders[at].level != Level::b_b) {
    const Bytes imprint = crypto::digest(manifest.hash, signature.value);
    parts.signature_timestamp = authority.timestamp(manifest.hash, imprint);
    const cms::Token token = cms::parse_token(*parts.signature_timestamp);
    if (!equal(token.info.imprint, imprint))
      throw Error(Fault::failed, "the time-stamp is of another signature");
    out.subjects.push_back(ops::unit_of(token, collector.at_hand()));
    proof = token.info.time;
  }
  out.subjects.push_back({signer, proof});
  out.contents = cms::assemble(parts);
  verify(out.contents, signer, manifest.entries[at].content_digest);
  return out;
}

Json base64_of(const std::set<Bytes>& pieces) {
  Json list = Json::array();
  for (const Bytes& each : pieces) list.push_back(to_base64(each));
  return list;
}

// What is needed besides the signatures: certificates that each of them has are not repeated.
Json info_of(const ops::Evidence& evidence, const SignedDigests& made) {
  std::set<Bytes> certificates = evidence.certificates;
  certificates.erase(to_bytes(made.result.certificate->der()));
  for (const x509::Certificate& each : made.chain) certificates.erase(to_bytes(each.der()));
  Json info = Json::object();
  if (!evidence.ocsp_responses.empty()) info["ocsp"] = base64_of(evidence.ocsp_responses);
  if (!evidence.crls.empty()) info["crl"] = base64_of(evidence.crls);
  if (!certificates.empty()) info["certificates"] = base64_of(certificates);
  return info;
}

}  // namespace

DocumentOrders documents_of(const Json& body, const std::string& key_algorithm) {
  DocumentOrders out;
  out.validation_info = flag_parameter(body, "returnValidationInfo");
  std::vector<Bytes> digests;
  std::optional<HashAlgorithm> hash;
  for (const Json& entry : digests_of(body)) {
    if (!entry.is_object()) invalid("Invalid object parameter documentDigests");
    const std::vector<Bytes> hashes = hashes_of(entry, "hashes");
    const HashAlgorithm of_entry = hash_of_entry(entry, hashes.front().size());
    if (hash.value_or(of_entry) != of_entry) invalid("Invalid parameter hashAlgorithmOID");
    hash = of_entry;
    check_algorithm(entry, key_algorithm, of_entry);
    DocumentOrder order;
    order.form = form_of(entry);
    order.level = level_of(entry, order.form);
    check_envelope(entry, order.form);
    check_properties(entry);
    for (const Bytes& digest : hashes) {
      if (digest.size() != crypto::size_of(of_entry)) invalid("Invalid digest value length");
      digests.push_back(digest);
      out.orders.push_back(order);
    }
  }
  out.validation_info = out.validation_info ||
                        std::any_of(out.orders.begin(), out.orders.end(),
                                    [](const auto& each) { return each.level == Level::b_lt; });
  out.manifest = sam::bare_manifest(hash.value(), digests);
  return out;
}

Json signature_objects(const SignedDigests& made, ops::Backend& authority,
                       const ops::World& world) {
  ops::LongTerm long_term(&authority, world, {});
  ops::EvidenceCollector collector(long_term.library());
  std::vector<ops::EvidenceNeed> needs;
  Json objects = Json::array();
  for (std::size_t at = 0; at < made.wanted.orders.size(); ++at) {
    if (made.result.signatures[at].error) throw Error(*made.result.signatures[at].error);
    Made one = make_one(made, at, authority, collector);
    objects.push_back(to_base64(one.contents));
    needs.push_back({std::move(one.contents), std::move(one.subjects)});
  }
  Json answer = {{"SignatureObject", std::move(objects)}};
  if (made.wanted.validation_info)
    answer["validationInfo"] = info_of(long_term.collect(collector, needs).all, made);
  return answer;
}

}  // namespace tsp::serve::csc
