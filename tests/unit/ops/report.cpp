// Reports in XML and HTML. That they say what validation::Report says, in the form that others
// read, and that no text from a document becomes markup.
#include "ops/report.h"

#include <map>

#include "ops/report_words.h"
#include "support/catch.h"
#include "support/pki_story.h"
#include "xml/document.h"

using namespace tsp;
using namespace tsp::test;
using validation::Indication;

namespace {

constexpr std::string_view kReport = "http://uri.etsi.org/19102/v1.2.1#",
                           kDs = "http://www.w3.org/2000/09/xmldsig#";

validation::ChainCertificate certificate(const char* name, const char* sha256, bool anchor) {
  validation::ChainCertificate out;
  out.subject = std::string("CN=") + name;
  out.serial = "0a";
  out.sha256 = sha256;
  out.not_before = at("2020-01-01");
  out.not_after = at("2030-01-01");
  out.trust_anchor = anchor;
  out.der = {0x30, 0x00};
  out.proven = at("2026-01-01");
  if (anchor) return out;
  validation::RevocationUsed used;
  used.kind = "ocsp";
  used.status = "revoked";
  used.origin = "document";
  used.this_update = at("2026-01-01T12:00:00Z");
  used.next_update = at("2026-01-02T12:00:00Z");
  used.revoked_at = at("2025-06-01");
  used.reason = "keyCompromise";
  used.sha256 = "bb22";
  out.revocation = used;
  return out;
}

// Every text from outside is an attack.
validation::Report hostile() {
  const std::string attack =
      "</title><script>alert(1)</script>\" onload='x' &amp; ]]> \x1b[31m \xff";
  validation::Report report;
  report.file = attack;
  report.at = at("2026-11-21T09:30:00Z");
  report.policy = attack;
  report.indication = Indication::total_failed;
  report.sub_indication = "REVOKED";
  report.findings = {{validation::Severity::error, "pdf.broken", attack}};
  validation::SignatureResult signature;
  signature.id = attack;
  signature.format = "pades";
  signature.level = "B-T";
  signature.next_level_lacks = attack;
  signature.indication = Indication::total_failed;
  signature.sub_indication = "REVOKED";
  signature.signer = attack;
  signature.reason = signature.location = signature.sub_filter = attack;
  signature.claimed_signing_time = at("2026-01-01T10:00:00Z");
  signature.best_signature_time = at("2026-01-01T10:00:05Z");
  signature.extend_before = at("2029-01-01");
  signature.extend_before_because = attack;
  signature.findings = {{validation::Severity::warning, "path.expired", attack}};
  signature.signature_algorithm = "ecdsa";
  signature.hash_algorithm = "sha256";
  signature.signature_value = {1, 2, 3};
  signature.content_digest = "c0ffee";
  signature.algorithms_accepted = false;
  signature.algorithms_until = at("2025-12-31T23:59:59Z");
  signature.steps = {
      {"5.2.6", "x509-validation", validation::Status::indeterminate, "REVOKED_NO_POE",
       "path.revoked", attack},
      {"5.5", "validation-with-time", validation::Status::failed, "REVOKED", "", ""}};
  signature.chain = {certificate(attack.c_str(), "aa01", false), certificate("Root", "aa02", true)};
  validation::TimestampResult stamp;
  stamp.id = "s/1";
  stamp.kind = "signature";
  stamp.time = at("2026-01-01T10:00:05Z");
  stamp.tsa = attack;
  stamp.indication = Indication::total_passed;
  stamp.serial = "07";
  stamp.chain = {certificate("Unit", "aa03", false), certificate("Root", "aa02", true)};
  signature.timestamps = {stamp};
  report.signatures = {signature, signature};
  return report;
}

xml::Document parse(const std::string& text) {
  return xml::Document::parse(as_bytes(text), "the report");
}

// The sequences of the schema of TS 119 102-2 V1.2.1, in order; "+" at least one, "*" any, "?" at
// most one, nothing: exactly one.
const std::map<std::string, std::vector<std::string>> kSequences{
    {"ValidationReport",
     {"SignatureValidationReport+", "SignatureValidationObjects?", "SignatureValidator?"}},
    {"SignatureValidationReport",
     {"SignatureIdentifier?", "ValidationConstraintsEvaluationReport?", "ValidationTimeInfo?",
      "SignersDocument?", "SignatureAttributes?", "SignerInformation?", "SignatureQuality?",
      "SignatureValidationProcess?", "SignatureValidationStatus"}},
    {"SignatureIdentifier",
     {"DigestAlgAndValue?", "ds:SignatureValue?", "HashOnly", "DocHashOnly", "DAIdentifier?"}},
    {"DigestAlgAndValue", {"ds:DigestMethod", "ds:DigestValue"}},
    {"ValidationConstraintsEvaluationReport",
     {"SignatureValidationPolicy?", "ValidationConstraint*"}},
    {"SignatureValidationPolicy", {"SignaturePolicyIdentifier", "PolicyName?"}},
    {"ValidationConstraint",
     {"ValidationConstraintIdentifier", "ValidationConstraintParameter*", "ConstraintStatus",
      "ValidationStatus?"}},
    {"ValidationTimeInfo", {"ValidationTime", "BestSignatureTime"}},
    {"BestSignatureTime", {"POETime", "TypeOfProof", "POEObject?"}},
    {"POE", {"POETime", "TypeOfProof", "POEObject?"}},
    {"SignersDocument",
     {"DigestAlgAndValue", "SignersDocumentRepresentation?", "SignersDocumentRef?"}},
    {"CryptoInformation",
     {"ValidationObjectId", "Algorithm", "AlgorithmParameters?", "SecureAlgorithm", "NotAfter?"}},
    {"SignatureProductionPlace", {"AttributeObject*", "AddressString+"}},
    {"MessageDigest", {"AttributeObject*", "Digest"}},
    {"Reason", {"AttributeObject*", "ReasonElement"}},
    {"SubFilter", {"AttributeObject*", "SubFilterElement"}},
    {"SignerInformation", {"SignerCertificate", "Signer?"}},
    {"SignatureValidationStatus",
     {"MainIndication", "SubIndication*", "AssociatedValidationReportData*"}},
    {"AssociatedValidationReportData",
     {"TrustAnchor?", "CertificateChain?", "RelatedValidationObject*",
      "RevocationStatusInformation?", "CryptoInformation?", "AdditionalValidationReportData?"}},
    {"CertificateChain", {"SigningCertificate", "IntermediateCertificate*", "TrustAnchor?"}},
    {"RevocationStatusInformation",
     {"ValidationObjectId", "RevocationTime", "RevocationReason?", "RevocationObject?"}},
    {"AdditionalValidationReportData", {"ReportData+"}},
    {"ReportData", {"Type", "Value?"}},
    {"SignatureValidationObjects", {"ValidationObject+"}},
    {"ValidationObject",
     {"ObjectType", "ValidationObjectRepresentation", "POE?", "POEProvisioning?",
      "ValidationReport?"}},
    {"SigningTime", {"AttributeObject*", "Time"}},
    {"SignatureTimeStamp", {"AttributeObject*", "TimeStampValue"}},
    {"DocTimeStamp", {"AttributeObject*", "TimeStampValue"}},
};

void check_children(const xml::Element& element, const std::vector<std::string>& sequence) {
  std::size_t next = 0;
  const auto all = element.children();
  for (std::string part : sequence) {
    const char sign = part.back();
    const bool plain = sign != '+' && sign != '*' && sign != '?';
    if (!plain) part.pop_back();
    const bool ds = part.starts_with("ds:");
    if (ds) part.erase(0, 3);
    std::size_t count = 0;
    while (next < all.size() && all[next].is(ds ? kDs : kReport, part)) ++next, ++count;
    INFO(element.name() << " / " << part);
    CHECK((count >= 1 || sign == '*' || sign == '?'));
    CHECK((count <= 1 || sign == '*' || sign == '+'));
  }
  INFO(element.name() << " has something else or in another order");
  CHECK(next == all.size());
}

}  // namespace

TEST_CASE("the XML report follows the tree of TS 119 102-2") {
  const auto document = parse(ops::report_xml({hostile(), hostile()}));
  CHECK(document.root().is(kReport, "ValidationReport"));
  std::map<std::string, int> ids;
  for (const xml::Element& element : document.all()) {
    // A ValidationObject's own ValidationReport is of the type SignatureValidationReportType.
    const bool inner = element.is(kReport, "ValidationReport") && element != document.root();
    const auto sequence =
        kSequences.find(inner ? "SignatureValidationReport" : std::string(element.name()));
    if (sequence != kSequences.end()) check_children(element, sequence->second);
    if (const auto id = element.attribute("id")) ++ids[*id];
  }
  for (const auto& [id, count] : ids) CHECK(count == 1);
  for (const xml::Element& element : document.all())
    if (const auto to = element.attribute("VOReference")) CHECK(ids.count(*to) == 1);
  CHECK(document.root().children(kReport, "SignatureValidationReport").size() == 4);
}

TEST_CASE("the XML report has the indications of the standard") {
  const auto document = parse(ops::report_xml({hostile()}));
  const auto status = document.root()
                          .child(kReport, "SignatureValidationReport")
                          ->child(kReport, "SignatureValidationStatus");
  CHECK(status->child(kReport, "MainIndication")->text() ==
        "urn:etsi:019102:mainindication:total-failed");
  CHECK(status->child(kReport, "SubIndication")->text() == "urn:etsi:019102:subindication:REVOKED");
}

TEST_CASE("the XML report identifies signature and document, and judges the algorithms") {
  const auto document = parse(ops::report_xml({hostile()}));
  const auto report = *document.root().child(kReport, "SignatureValidationReport");
  const auto text = [&](const xml::Element& from, std::initializer_list<const char*> path) {
    std::optional<xml::Element> at = from;
    for (const char* name : path) {
      const auto next = at->child(kReport, name);
      at = next ? next : at->child(kDs, name);
      REQUIRE(at);
    }
    return at->text();
  };
  CHECK(text(report, {"SignatureIdentifier", "SignatureValue"}) == "AQID");
  CHECK(text(report, {"SignersDocument", "DigestAlgAndValue", "DigestValue"}) == "wP/u");
  const auto crypto = report.child(kReport, "SignatureValidationStatus")
                          ->child(kReport, "AssociatedValidationReportData")
                          ->child(kReport, "CryptoInformation");
  REQUIRE(crypto);
  CHECK(text(*crypto, {"Algorithm"}) == "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256");
  CHECK(text(*crypto, {"SecureAlgorithm"}) == "false");
  CHECK(text(*crypto, {"NotAfter"}) == "2025-12-31T23:59:59Z");
  CHECK(crypto->child(kReport, "ValidationObjectId")->attribute("VOReference") == "S-1");
}

TEST_CASE("a file without signatures is one report, INDETERMINATE") {
  validation::Report report;
  report.file = "a.pdf";
  report.at = at("2026-11-21T09:30:00Z");
  report.findings = {{validation::Severity::error, "no-signature", "nothing is signed"}};
  const auto document = parse(ops::report_xml({report}));
  const auto reports = document.root().children(kReport, "SignatureValidationReport");
  REQUIRE(reports.size() == 1);
  CHECK(reports[0]
            .child(kReport, "SignatureValidationStatus")
            ->child(kReport, "MainIndication")
            ->text() == "urn:etsi:019102:mainindication:indeterminate");
}

TEST_CASE("the HTML report is well-formed whatever documents say, and runs nothing") {
  std::string html = ops::report_html({hostile()}, {{"<b>.pdf", "<i>not read</i>"}});
  // As XML: without the DOCTYPE, and with the void elements closed.
  html.erase(0, html.find("<html"));
  for (const char* name : {"<meta "})
    for (auto from = html.find(name); from != std::string::npos; from = html.find(name, from + 1))
      html.insert(html.find('>', from), "/");
  const auto document = parse(html);
  for (const xml::Element& element : document.all()) {
    for (const char* name : {"script", "img", "link", "iframe", "object", "a", "b.pdf", "i"})
      CHECK(element.name() != name);
    for (const char* name : {"onload", "href", "src"}) CHECK_FALSE(element.attribute(name));
  }
  CHECK_THAT(html, ContainsSubstring("default-src 'none'"));
  CHECK_THAT(html, !ContainsSubstring("\x1b") && ContainsSubstring("&lt;script&gt;"));
}

TEST_CASE("the HTML report says verdict, who, when, what is lacking and until when") {
  validation::Report report = hostile();
  report.signatures[0].signer = "CN=Alice";
  report.signatures[0].next_level_lacks = "revocation data";
  const std::string html = ops::report_html({report}, {});
  for (const char* text :
       {"TOTAL-FAILED", "was revoked before", "CN=Alice", "2026-01-01 10:00:00 UTC",
        "2026-01-01 10:00:05 UTC", "revocation data", "2029-01-01 00:00:00 UTC", "<svg", "✕"})
    CHECK_THAT(html, ContainsSubstring(text));
}

TEST_CASE("the picture keeps its size with ten thousand certificates and impossible dates") {
  validation::Report report = hostile();
  auto& chain = report.signatures[0].chain;
  for (int i = 0; i < 10'000; ++i) {
    auto more = certificate("x", std::to_string(i).c_str(), false);
    std::swap(more.not_before, more.not_after);
    chain.push_back(more);
  }
  chain[0].not_after = at("9999-12-31T23:59:59Z");
  chain[1].not_before = at("0001-01-01");
  const std::string html = ops::report_html({report}, {});
  const std::string svg = html.substr(html.find("<svg"), html.find("</svg>") - html.find("<svg"));
  CHECK(svg.size() < 60'000);
  CHECK_THAT(svg, !ContainsSubstring("nan") && !ContainsSubstring("inf"));
}

TEST_CASE("every sub-indication of the standard is explained") {
  for (const char* name : {"FORMAT_FAILURE",
                           "HASH_FAILURE",
                           "SIG_CRYPTO_FAILURE",
                           "REVOKED",
                           "EXPIRED",
                           "NOT_YET_VALID",
                           "SIG_CONSTRAINTS_FAILURE",
                           "CHAIN_CONSTRAINTS_FAILURE",
                           "CERTIFICATE_CHAIN_GENERAL_FAILURE",
                           "CRYPTO_CONSTRAINTS_FAILURE",
                           "POLICY_PROCESSING_ERROR",
                           "SIGNATURE_POLICY_NOT_AVAILABLE",
                           "TIMESTAMP_ORDER_FAILURE",
                           "NO_SIGNING_CERTIFICATE_FOUND",
                           "NO_CERTIFICATE_CHAIN_FOUND",
                           "NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
                           "REVOKED_NO_POE",
                           "REVOKED_CA_NO_POE",
                           "OUT_OF_BOUNDS_NOT_REVOKED",
                           "OUT_OF_BOUNDS_NO_POE",
                           "REVOCATION_OUT_OF_BOUNDS_NO_POE",
                           "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
                           "NO_POE",
                           "TRY_LATER",
                           "SIGNED_DATA_NOT_FOUND"})
    CHECK_FALSE(ops::explain(name).empty());
  CHECK(ops::explain("ELSE").empty());
}
