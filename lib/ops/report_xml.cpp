// ETSI TS 119 102-2, in the order of its schema's sequences.
#include <fmt/format.h>

#include <algorithm>
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
                           kPoe = "urn:etsi:019102:poetype:validation",
                           kSha256 = "http://www.w3.org/2001/04/xmlenc#sha256";

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

std::string sha256_element(const std::string& hex) {
  return fmt::format(
      R"(<DigestAlgAndValue><ds:DigestMethod Algorithm="{}"/>{}</DigestAlgAndValue>)", kSha256,
      element("ds:DigestValue", to_base64(from_hex(hex).value_or(Bytes{}))));
}

// The objects that reports refer to, each once.
class Objects {
 public:
  std::string certificate(const ChainCertificate& each) {
    const std::string id = "C-" + each.sha256;
    put(id, "certificate", element("base64", to_base64(each.der)), each.proven);
    if (each.revocation && !each.revocation->sha256.empty()) revocation(*each.revocation);
    return id;
  }
  std::string revocation(const validation::RevocationUsed& used) {
    const std::string id = "R-" + used.sha256;
    put(id, used.kind == "ocsp" ? "OCSPResponse" : "CRL", sha256_element(used.sha256), used.proven);
    return id;
  }
  // `report`: what was judged of it.
  std::string timestamp(const TimestampResult& stamp, const std::string& report) {
    const std::string id = fmt::format("T-{}", ++timestamps_);
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
  if (!signature.reason.empty())
    out += "<Reason>" + element("ReasonElement", signature.reason) + "</Reason>";
  if (!signature.sub_filter.empty())
    out += "<SubFilter>" + element("SubFilterElement", signature.sub_filter) + "</SubFilter>";
  return out.empty() ? out : "<SignatureAttributes>" + out + "</SignatureAttributes>";
}

std::string identifier(const std::string& id, const std::string& name) {
  return fmt::format(R"(<SignatureIdentifier id="{}">)", id) +
         "<HashOnly>false</HashOnly><DocHashOnly>false</DocHashOnly>" +
         element("DAIdentifier", name) + "</SignatureIdentifier>";
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
  std::string out =
      "<SignatureValidationReport>" + identifier(id, report.file + "#" + signature.id) +
      constraints(signature.steps, report.policy) +
      time_info(report.at, signature.best_signature_time) + attributes(signature, timestamps);
  if (!signature.chain.empty())
    out += "<SignerInformation>" +
           reference("SignerCertificate", objects.certificate(signature.chain.front())) +
           element("Signer", signature.signer) + "</SignerInformation>";
  std::string data = chain_data(signature.chain, objects) + finding_data(signature.findings);
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
