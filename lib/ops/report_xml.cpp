// ETSI TS 119 102-2, in the order of its schema's sequences.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/bytes.h"
#include "ops/report.h"
#include "ops/report_markup.h"

namespace tsp::ops {
namespace {

using validation::ChainCertificate;
using validation::Indication;
using validation::SignatureResult;
using validation::TimestampResult;

constexpr std::string_view kSubIndication = "urn:etsi:019102:subindication:",
                           kMainIndication = "urn:etsi:019102:mainindication:",
                           kObjects = "urn:etsi:019102:validationObject:",
                           kPoe = "urn:etsi:019102:poetype:validation";

std::string uri_of(Indication indication) {
  std::string name(name_of(indication));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::string(kMainIndication) + name;
}

std::string uri_of(validation::Status status) {
  std::string name(name_of(status));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::string(kMainIndication) + name;
}

std::string time_element(std::string_view name, Time time) {
  return element(name, to_rfc3339(time));
}

std::string status(const std::string& main, const std::string& sub) {
  std::string out = element("MainIndication", main);
  if (!sub.empty()) out += element("SubIndication", std::string(kSubIndication) + sub);
  return out;
}

std::string reference(std::string_view name, const std::string& id) {
  return fmt::format(R"(<{} VOReference="{}"/>)", name, id);
}

struct AlgorithmRow {
  std::string_view scheme, hash, uri;  // scheme empty: the hash alone
};

// RFC 9231, by the names of crypto.
constexpr std::array kAlgorithms{
    AlgorithmRow{"", "sha1", "http://www.w3.org/2000/09/xmldsig#sha1"},
    AlgorithmRow{"", "sha224", "http://www.w3.org/2001/04/xmldsig-more#sha224"},
    AlgorithmRow{"", "sha256", "http://www.w3.org/2001/04/xmlenc#sha256"},
    AlgorithmRow{"", "sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384"},
    AlgorithmRow{"", "sha512", "http://www.w3.org/2001/04/xmlenc#sha512"},
    AlgorithmRow{"ecdsa", "sha1", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"},
    AlgorithmRow{"ecdsa", "sha224", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha224"},
    AlgorithmRow{"ecdsa", "sha256", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"},
    AlgorithmRow{"ecdsa", "sha384", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"},
    AlgorithmRow{"ecdsa", "sha512", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"},
    AlgorithmRow{"rsa-pkcs1", "sha1", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
    AlgorithmRow{"rsa-pkcs1", "sha224", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha224"},
    AlgorithmRow{"rsa-pkcs1", "sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"},
    AlgorithmRow{"rsa-pkcs1", "sha384", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"},
    AlgorithmRow{"rsa-pkcs1", "sha512", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"},
    AlgorithmRow{"rsa-pss", "sha1", "http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1"},
    AlgorithmRow{"rsa-pss", "sha224", "http://www.w3.org/2007/05/xmldsig-more#sha224-rsa-MGF1"},
    AlgorithmRow{"rsa-pss", "sha256", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"},
    AlgorithmRow{"rsa-pss", "sha384", "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1"},
    AlgorithmRow{"rsa-pss", "sha512", "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1"},
};
constexpr std::string_view kEd25519 = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519";

std::string uri_of(std::string_view scheme, std::string_view hash) {
  if (scheme == "ed25519") return std::string(kEd25519);
  for (const AlgorithmRow& row : kAlgorithms)
    if (row.scheme == scheme && row.hash == hash) return std::string(row.uri);
  return fmt::format("urn:x-tsp:algorithm:{}:{}", scheme, hash);
}

std::string digest_element(const std::string& hash, const std::string& hex) {
  return fmt::format(
      R"(<DigestAlgAndValue><ds:DigestMethod Algorithm="{}"/>{}</DigestAlgAndValue>)",
      uri_of("", hash), element("ds:DigestValue", to_base64(from_hex(hex).value_or(Bytes{}))));
}

// The objects that reports refer to, each once.
class Objects {
 public:
  std::string certificate(const ChainCertificate& each) {
    std::string id = "C-" + each.sha256;
    put(id, "certificate", element("base64", to_base64(each.der)), each.proven);
    if (each.revocation && !each.revocation->sha256.empty()) revocation(*each.revocation);
    return id;
  }
  std::string revocation(const validation::RevocationUsed& used) {
    std::string id = "R-" + used.sha256;
    put(id, used.kind == "ocsp" ? "OCSPResponse" : "CRL", digest_element("sha256", used.sha256),
        used.proven);
    return id;
  }
  // What was signed, by its digest.
  std::string document(const SignatureResult& signature) {
    std::string id = "D-" + signature.content_digest;
    put(id, "signedData", digest_element(signature.hash_algorithm, signature.content_digest), {});
    return id;
  }
  // `report`: what was judged of it.
  std::string timestamp(const TimestampResult& stamp, const std::string& report) {
    std::string id = fmt::format("T-{}", ++timestamps_);
    put(id, "timestamp", element("URI", "urn:x-tsp:timestamp:" + stamp.serial), stamp.proven,
        report);
    return id;
  }
  std::string xml() const {
    if (order_.empty()) return {};
    std::string out = "<SignatureValidationObjects>";
    for (const std::string& id : order_) out += objects_.at(id);
    return out + "</SignatureValidationObjects>";
  }

 private:
  void put(const std::string& id, std::string_view type, const std::string& representation,
           const std::optional<Time>& proven, const std::string& report = {}) {
    std::string xml = fmt::format(R"(<ValidationObject id="{}">)", id) +
                      element("ObjectType", std::string(kObjects) + std::string(type)) +
                      "<ValidationObjectRepresentation>" + representation +
                      "</ValidationObjectRepresentation>";
    if (proven)
      xml += "<POE>" + time_element("POETime", *proven) + element("TypeOfProof", kPoe) + "</POE>";
    if (!report.empty()) xml += "<ValidationReport>" + report + "</ValidationReport>";
    if (objects_.emplace(id, xml + "</ValidationObject>").second) order_.push_back(id);
  }

  std::map<std::string, std::string> objects_;
  std::vector<std::string> order_;
  std::size_t timestamps_ = 0;
};

std::string constraints(const std::vector<validation::StepResult>& steps,
                        const std::string& policy) {
  std::string out = "<ValidationConstraintsEvaluationReport>";
  if (!policy.empty())
    out +=
        "<SignatureValidationPolicy><SignaturePolicyIdentifier><XAdES:SignaturePolicyImplied/>"
        "</SignaturePolicyIdentifier>" +
        element("PolicyName", policy) + "</SignatureValidationPolicy>";
  for (const auto& step : steps) {
    out += "<ValidationConstraint>" +
           element("ValidationConstraintIdentifier",
                   "urn:x-tsp:step:" + step.clause + ":" + step.name) +
           "<ConstraintStatus>" + element("Status", "urn:etsi:019102:constraintStatus:applied") +
           "</ConstraintStatus><ValidationStatus>" +
           status(uri_of(step.status), step.sub_indication) +
           "</ValidationStatus></ValidationConstraint>";
  }
  return out + "</ValidationConstraintsEvaluationReport>";
}

std::string chain_data(const std::vector<ChainCertificate>& chain, Objects& objects) {
  if (chain.empty()) return {};
  std::string out, anchor;
  if (chain.back().trust_anchor) anchor = objects.certificate(chain.back());
  if (!anchor.empty()) out += reference("TrustAnchor", anchor);
  out += "<CertificateChain>" + reference("SigningCertificate", objects.certificate(chain.front()));
  for (std::size_t i = 1; i < chain.size(); ++i)
    if (!chain[i].trust_anchor)
      out += reference("IntermediateCertificate", objects.certificate(chain[i]));
  if (!anchor.empty()) out += reference("TrustAnchor", anchor);
  out += "</CertificateChain>";
  for (const ChainCertificate& each : chain) {
    const auto& used = each.revocation;
    if (!used || used->status != "revoked" || !used->revoked_at) continue;
    out += "<RevocationStatusInformation>" +
           reference("ValidationObjectId", objects.certificate(each)) +
           time_element("RevocationTime", *used->revoked_at);
    if (!used->reason.empty())
      out += element("RevocationReason", "urn:x-tsp:revocation-reason:" + used->reason);
    if (!used->sha256.empty()) out += reference("RevocationObject", objects.revocation(*used));
    out += "</RevocationStatusInformation>";
    break;  // the schema has room for one
  }
  return out;
}

std::string finding_data(const std::vector<validation::Finding>& findings) {
  if (findings.empty()) return {};
  std::string out = "<AdditionalValidationReportData>";
  for (const auto& each : findings)
    out += "<ReportData>" + element("Type", "urn:x-tsp:finding:" + each.id) +
           element("Value", each.detail) + "</ReportData>";
  return out + "</AdditionalValidationReportData>";
}

std::string associated(const std::string& data) {
  return data.empty()
             ? data
             : "<AssociatedValidationReportData>" + data + "</AssociatedValidationReportData>";
}

std::string attributes(const SignatureResult& signature,
                       const std::vector<std::string>& timestamps) {
  std::string out;
  if (signature.claimed_signing_time)
    out += R"(<SigningTime Signed="true">)" +
           time_element("Time", *signature.claimed_signing_time) + "</SigningTime>";
  for (std::size_t i = 0; i < timestamps.size(); ++i) {
    const TimestampResult& stamp = signature.timestamps[i];
    if (!stamp.time) continue;
    const char* name = stamp.kind == "document" ? "DocTimeStamp" : "SignatureTimeStamp";
    out += fmt::format("<{0}>{1}{2}</{0}>", name, reference("AttributeObject", timestamps[i]),
                       time_element("TimeStampValue", *stamp.time));
  }
  if (!signature.location.empty())
    out += R"(<SignatureProductionPlace Signed="true">)" +
           element("AddressString", signature.location) + "</SignatureProductionPlace>";
  if (!signature.content_digest.empty())
    out += R"(<MessageDigest Signed="true">)" +
           element("Digest", to_base64(from_hex(signature.content_digest).value_or(Bytes{}))) +
           "</MessageDigest>";
  if (!signature.reason.empty())
    out += "<Reason>" + element("ReasonElement", signature.reason) + "</Reason>";
  if (!signature.sub_filter.empty())
    out += "<SubFilter>" + element("SubFilterElement", signature.sub_filter) + "</SubFilter>";
  return out.empty() ? out : "<SignatureAttributes>" + out + "</SignatureAttributes>";
}

std::string identifier(const std::string& id, const std::string& name, ByteView value = {}) {
  return fmt::format(R"(<SignatureIdentifier id="{}">)", id) +
         (value.empty() ? "" : element("ds:SignatureValue", to_base64(value))) +
         "<HashOnly>false</HashOnly><DocHashOnly>false</DocHashOnly>" +
         element("DAIdentifier", name) + "</SignatureIdentifier>";
}

std::string signers_document(const SignatureResult& signature, Objects& objects) {
  if (signature.content_digest.empty()) return {};
  return "<SignersDocument>" + digest_element(signature.hash_algorithm, signature.content_digest) +
         reference("SignersDocumentRef", objects.document(signature)) + "</SignersDocument>";
}

// `id`: of the signature whose algorithms they are.
std::string crypto_information(const SignatureResult& signature, const std::string& id) {
  if (!signature.algorithms_accepted) return {};
  std::string out =
      "<CryptoInformation>" + reference("ValidationObjectId", id) +
      element("Algorithm", uri_of(signature.signature_algorithm, signature.hash_algorithm)) +
      element("SecureAlgorithm", *signature.algorithms_accepted ? "true" : "false");
  if (signature.algorithms_until) out += time_element("NotAfter", *signature.algorithms_until);
  return out + "</CryptoInformation>";
}

std::string time_info(Time judged, const std::optional<Time>& best) {
  return "<ValidationTimeInfo>" + time_element("ValidationTime", judged) + "<BestSignatureTime>" +
         time_element("POETime", best.value_or(judged)) + element("TypeOfProof", kPoe) +
         "</BestSignatureTime></ValidationTimeInfo>";
}

// Which process had the last word.
std::string process_of(const SignatureResult& signature) {
  std::string id = "Basic";
  for (const auto& step : signature.steps) {
    if (step.clause == "5.5") id = "LTVM";
    if (step.clause.starts_with("5.6")) return "LTA";
  }
  return id;
}

std::string timestamp_report(const TimestampResult& stamp, Time judged, Objects& objects) {
  std::string main = uri_of(stamp.indication);
  // A time-stamp is judged by 5.4, a basic validation: PASSED, not TOTAL-PASSED.
  if (const auto total = main.find("total-"); total != std::string::npos) main.erase(total, 6);
  return constraints(stamp.steps, {}) + time_info(judged, stamp.proven) +
         "<SignatureValidationProcess>" +
         element("SignatureValidationProcessID", "urn:etsi:019102:validationprocess:Basic") +
         "</SignatureValidationProcess><SignatureValidationStatus>" +
         status(main, stamp.sub_indication) + associated(chain_data(stamp.chain, objects)) +
         "</SignatureValidationStatus>";
}

std::string signature_report(const validation::Report& report, const SignatureResult& signature,
                             const std::string& id, Objects& objects) {
  std::vector<std::string> timestamps;
  for (const TimestampResult& stamp : signature.timestamps)
    timestamps.push_back(objects.timestamp(stamp, timestamp_report(stamp, report.at, objects)));
  std::string out = "<SignatureValidationReport>" +
                    identifier(id, report.file + "#" + signature.id, signature.signature_value) +
                    constraints(signature.steps, report.policy) +
                    time_info(report.at, signature.best_signature_time) +
                    signers_document(signature, objects) + attributes(signature, timestamps);
  if (!signature.chain.empty())
    out += "<SignerInformation>" +
           reference("SignerCertificate", objects.certificate(signature.chain.front())) +
           element("Signer", signature.signer) + "</SignerInformation>";
  const std::string data = chain_data(signature.chain, objects) +
                           crypto_information(signature, id) + finding_data(signature.findings);
  return out + "<SignatureValidationProcess>" +
         element("SignatureValidationProcessID",
                 "urn:etsi:019102:validationprocess:" + process_of(signature)) +
         "</SignatureValidationProcess><SignatureValidationStatus>" +
         status(uri_of(signature.indication), signature.sub_indication) + associated(data) +
         "</SignatureValidationStatus></SignatureValidationReport>";
}

std::string empty_report(const validation::Report& report, const std::string& id) {
  return "<SignatureValidationReport>" + identifier(id, report.file) + time_info(report.at, {}) +
         "<SignatureValidationStatus>" + status(uri_of(report.indication), report.sub_indication) +
         associated(finding_data(report.findings)) +
         "</SignatureValidationStatus></SignatureValidationReport>";
}

}  // namespace

std::string report_xml(const std::vector<validation::Report>& reports) {
  Objects objects;
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<ValidationReport xmlns=\"http://uri.etsi.org/19102/v1.2.1#\" "
      "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" "
      "xmlns:XAdES=\"http://uri.etsi.org/01903/v1.3.2#\">";
  std::size_t count = 0;
  for (const validation::Report& report : reports) {
    if (report.signatures.empty()) out += empty_report(report, fmt::format("S-{}", ++count));
    for (const SignatureResult& signature : report.signatures)
      out += signature_report(report, signature, fmt::format("S-{}", ++count), objects);
  }
  return out + objects.xml() + "</ValidationReport>\n";
}

}  // namespace tsp::ops
