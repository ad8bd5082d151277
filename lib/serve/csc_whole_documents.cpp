#include "serve/csc_whole_documents.h"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/files.h"
#include "crypto/digest.h"
#include "ops/json_members.h"
#include "sam/bare_manifest.h"

namespace tsp::serve::csc {
namespace {

constexpr int kFormsAndSignatures =
    2;  // DocMDP P of a certification signature (ISO 32000-1 12.8.2)

// A folder that goes with its scope, whatever is in it.
class Spool {
 public:
  explicit Spool(const std::string& inside) : path_(inside + "/spool-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) throw_errno(errno, "cannot make a folder in " + inside);
  }
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

ops::Level whole_level_of(const Json& entry) {
  std::string named = optional_text(entry, "conformance_level").value_or("AdES-B-B");
  std::transform(named.begin(), named.end(), named.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  constexpr std::string_view kPrefix = "ADES-";
  const auto level =
      named.starts_with(kPrefix) ? ops::parse_level(named.substr(kPrefix.size())) : std::nullopt;
  if (!level) invalid("Invalid parameter conformance_level");
  return *level;
}

// What EN 319 142-1 5.3 has in the dictionary, in base64.
void take_properties(const Json& entry, WholeDocument& document) {
  const Json* properties = ops::find_member(entry, "signed_props");
  if (properties == nullptr) return;
  if (!properties->is_array()) missing("array", "signed_props");
  std::string unknown;
  for (const Json& each : *properties) {
    if (!each.is_object()) missing("array", "signed_props");
    const std::string name = text_parameter(each, "attribute_name");
    const auto value = from_base64(optional_text(each, "attribute_value").value_or(""));
    std::string* place = name == "Reason"        ? &document.reason
                         : name == "Location"    ? &document.location
                         : name == "ContactInfo" ? &document.contact
                                                 : nullptr;
    if (place != nullptr && value && !value->empty())
      *place = std::string(as_text(*value));
    else
      unknown += (unknown.empty() ? "" : ", ") + name;
  }
  if (!unknown.empty()) invalid("Invalid parameter signed_props (" + unknown + ")");
}

WholeDocument document_of(const Json& entry) {
  WholeDocument document;
  const auto octets = from_base64(text_parameter(entry, "document"));
  if (!octets || octets->empty()) invalid("Invalid Base64 documents string parameter");
  document.octets = *octets;
  if (text_parameter(entry, "signature_format") != "P")
    invalid("Invalid parameter signature_format");
  document.level = whole_level_of(entry);
  const std::string property =
      optional_text(entry, "signed_envelope_property").value_or("Certification");
  if (property != "Certification" && property != "Revision")
    invalid("Invalid parameter signed_envelope_property");
  document.certify = property == "Certification";
  take_properties(entry, document);
  return document;
}

// Of a signed document, so that its base64 fits a frame.
constexpr std::size_t kLargestResult = kLargestFrame / 4 * 3 - (std::size_t{256} << 10);

// The signer's side of one document, for the way that every document goes.
class OneDocument final : public ops::Backend {
 public:
  OneDocument(const WholeSigning& signing, std::size_t at) : signing_(signing), at_(at) {}

  ops::Credential credential(const std::string&, const std::string&, const Secret*) override {
    return signing_.credential;
  }
  void check(const ops::Credential&, const sam::Manifest&) override {}
  Error refused(const ops::Credential&, const Error& error) override { return error; }
  sam::Approval authorize(const ops::Credential&, const sam::Manifest&,
                          const sam::Presented&) override {
    return {Secret(Bytes()), {}, 0};  // it was given before: sign() has it
  }
  std::vector<sam::Signature> sign(const sam::Approval&, const sam::Manifest& manifest,
                                   const std::function<void(std::size_t)>&) override {
    const sam::ManifestEntry& entry = manifest.entries.at(0);
    sam::SigningResult result = signing_.sign(at_, entry.content_digest);
    if (result.error) throw sam::Refused(result.reason, *result.error);
    if (result.signed_attributes.size() != 1 ||
        !equal(result.signed_attributes[0], entry.signed_attributes))
      throw Error(Fault::failed, "the signer's certificate changed in this moment", "",
                  "the signature is on record and given to nobody");
    return std::move(result.signatures);
  }
  Bytes timestamp(crypto::HashAlgorithm hash, ByteView imprint) override {
    return signing_.authority.timestamp(hash, imprint);
  }
  ops::OwnEvidence evidence(ByteView ocsp_request, ops::Crls crls) override {
    return signing_.authority.evidence(ocsp_request, crls);
  }

  // Not on this way.
  ops::Credential one_shot(const std::string& user, int scal, const Secret* pin) override {
    return signing_.authority.one_shot(user, scal, pin);
  }
  sam::Asked ask(const ops::Credential& credential, const sam::Manifest* manifest,
                 sam::AnswerKey key) override {
    return signing_.authority.ask(credential, manifest, key);
  }
  std::optional<Bytes> answer_to(const Bytes& request) override {
    return signing_.authority.answer_to(request);
  }
  ops::OneShotSigned sign_one_shot(const sam::Approval& approval, const sam::Manifest& manifest,
                                   const std::function<void(std::size_t)>& progress) override {
    return signing_.authority.sign_one_shot(approval, manifest, progress);
  }
  std::string service_id() override { return signing_.authority.service_id(); }
  Bytes assertion(const ops::Credential& credential, const sam::Manifest& manifest,
                  const sam::Presented& factors, const std::string& audience) override {
    return signing_.authority.assertion(credential, manifest, factors, audience);
  }
  sam::Approval authorize_by(const ops::Credential& credential, const sam::Manifest& manifest,
                             ByteView assertion) override {
    return signing_.authority.authorize_by(credential, manifest, assertion);
  }
  Json call(const ops::Call& call) override { return signing_.authority.call(call); }

 private:
  const WholeSigning& signing_;
  std::size_t at_;
};

Bytes signed_one(const WholeSigning& signing, std::size_t at, const ops::World& world,
                 const Spool& spool) {
  const WholeDocument& document = signing.wanted.documents[at];
  const std::string in = spool.file("document.pdf"), out = spool.file("signed.pdf");
  write_file(in, document.octets, Existing::refuse, 0600);
  ops::SignDocuments order;
  order.documents = {{in, out}};
  order.user = signing.credential.user;
  order.key = signing.credential.key;
  order.level = ops::name_of(document.level);
  order.hash = signing.wanted.manifest.hash;
  order.reason = document.reason;
  order.location = document.location;
  order.contact = document.contact;
  if (document.certify) order.certification = kFormsAndSignatures;
  order.force = true;
  OneDocument backend(signing, at);
  const auto receipts =
      ops::sign_documents(backend, world, order, {[](const auto&) { return sam::Presented(); }});
  if (const auto& error = receipts.at(0).error) throw Error(*error);
  return read_file(out, kLargestResult);
}

}  // namespace

bool has_documents(const Json& body) {
  const bool digests = ops::find_member(body, "documentDigests") != nullptr,
             documents = ops::find_member(body, "documents") != nullptr;
  if (digests && documents) invalid("Both documentDigests and documents parameters passed");
  if (!digests && !documents) invalid("Empty documentDigests and documents objects");
  return documents;
}

WholeDocuments whole_documents_of(const Json& body, const std::string& key_algorithm) {
  const Json& list = *ops::find_member(body, "documents");
  if (!list.is_array()) invalid("Invalid array parameter documents");
  if (list.empty()) invalid("Empty documentDigests and documents objects");
  // The evidence of a whole document is in it.
  if (flag_parameter(body, "returnValidationInfo"))
    invalid("Invalid parameter returnValidationInfo");
  WholeDocuments out;
  std::optional<crypto::HashAlgorithm> hash;
  std::vector<Bytes> digests;
  for (const Json& entry : list) {
    if (!entry.is_object()) invalid("Invalid array parameter documents");
    const auto named = hash_of_signature(text_parameter(entry, "signAlgo"))
                           .value_or(crypto::HashAlgorithm::sha256);
    if (hash.value_or(named) != named) invalid("Invalid parameter signAlgo");
    hash = named;
    check_algorithm(entry, key_algorithm, named);
    out.documents.push_back(document_of(entry));
    digests.push_back(crypto::digest(named, out.documents.back().octets));
  }
  out.manifest = sam::bare_manifest(hash.value(), digests);
  return out;
}

Json documents_with_signature(const WholeSigning& signing, const ops::World& world,
                              const std::string& spool) {
  Json list = Json::array();
  for (std::size_t at = 0; at < signing.wanted.documents.size(); ++at) {
    const Spool folder(spool);
    list.push_back(to_base64(signed_one(signing, at, world, folder)));
  }
  return {{"DocumentWithSignature", std::move(list)}};
}

}  // namespace tsp::serve::csc
