// Every indication and sub-indication of EN 319 102-1 that the code knows, brought about by a real
// document: one row each, and docs/validation.md tells the same of each.
#include <map>

#include "crypto/der.h"
#include "moments.h"
#include "support/catch.h"
#include "support/pki_story.h"
#include "support/revocation.h"
#include "support/tampering.h"
#include "validation/conclusion.h"

using namespace tsp;
using namespace tsp::test;
namespace der = tsp::crypto::der;
using validation::Report;
using validation::Sub;

namespace {

constexpr const char* kPolicyCounts = "constraints:\n  signature_policy: fail";

const Story& indication_story() {
  static const Story made;
  return made;
}

Bytes attribute(std::string_view type, const Bytes& value) {
  return der::sequence(der::oid(type), der::set_of({value}));
}

Story::Wish anna_at(std::string_view time = kSigned) {
  return {&indication_story().anna(), at(time)};
}

// Anna's signature with a signed attribute that names a signature policy in that way.
Bytes under_policy(const Bytes& value) {
  Story::Wish wish = anna_at();
  wish.more_attributes = [value](ByteView) {
    return std::vector<Bytes>{attribute("1.2.840.113549.1.9.16.2.15", value)};
  };
  return indication_story().sign(Story::paper(), wish);
}

// Anna's signature over content that was time-stamped before, at that time.
Bytes content_stamped(std::string_view time) {
  Story::Wish wish = anna_at(time);
  wish.more_attributes = [time](ByteView digest) {
    return std::vector<Bytes>{attribute(
        "1.2.840.113549.1.9.16.2.20",
        indication_story().token_of(to_bytes(digest), crypto::HashAlgorithm::sha256, at(time)))};
  };
  return indication_story().sign(Story::paper(), wish);
}

Bytes exchanged(const Bytes& document, const std::string& what, const std::string& with) {
  return to_bytes(as_bytes(replaced(std::string(as_text(document)), what, with)));
}

Bytes with_wrong_value() {
  Story::Wish wish = anna_at();
  const Bytes honest = indication_story().sign(Story::paper(), wish);
  const Folder folder;
  const Fd file = open_for_reading(folder.put("honest.pdf", honest));
  const auto found = pdf::inspect(test::jail(), file, "honest.pdf").signatures.at(0);
  const Bytes value = cms::parse(found.contents).signers.at(0).signature;
  std::string right = to_hex(value), wrong = right;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  const bool upper = as_text(honest).find(right) == std::string_view::npos;
  if (upper)
    for (std::string* each : {&right, &wrong})
      for (char& c : *each)
        if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  return exchanged(honest, right, wrong);
}

Report judged(const Bytes& document, std::string_view time = kLater,
              Evidence evidence = Evidence::current) {
  return indication_story().report(document, time, evidence);
}

Report with_policy(const Bytes& document, const std::string& text) {
  auto context = indication_story().context(kLater);
  context.policy = validation::parse_policy(yaml::parse("name: test\n" + text, "policy.yaml"));
  return indication_story().report(document, context);
}

Report with_revoked(bool authority, const Bytes& document, std::string_view time) {
  Story told;
  authority ? told.revokes_issuing("2025-04-01T00:00:00Z")
            : told.revokes_anna("2025-04-01T00:00:00Z");
  return told.report(document, time);
}

// The only answer about Anna is by a responder whose certificate has ended since.
Report with_late_responder() {
  const Holder responder(
      {"TEST Responder", ocsp_extensions(), "20250101000000Z", "20250301120000Z"},
      indication_story().issuing());
  OcspContent content;
  content.this_update = content.produced_at = "20250301110000Z";
  content.next_update = "20250305000000Z";
  auto context = indication_story().context(kLater, Evidence::none);
  context.evidence.crls = {
      x509::Crl::from_der(indication_story().crl_of_root(at("2025-03-01T23:00:00Z")))};
  context.evidence.ocsp = {make_ocsp(responder, indication_story().anna().certificate(),
                                     indication_story().issuing().certificate(), content)};
  return indication_story().report(indication_story().sign(Story::paper(), anna_at()), context);
}

Report with_root_until(std::string_view day, const Bytes& document, std::string_view time) {
  auto context = indication_story().context(time);
  context.anchors.end(indication_story().root().certificate(), at(day));
  return indication_story().report(document, context);
}

// Archived before nobody trusted the root any more, but without any evidence.
Report archived_without_evidence() {
  Story::Wish wish = anna_at();
  wish.stamped = Stamped::yes;
  wish.unit = &indication_story().other_unit();
  const Bytes document =
      indication_story().stamps(indication_story().sign(Story::paper(), wish),
                                "2025-03-01T10:10:00Z", &indication_story().other_unit());
  return with_root_until("2025-06-01T00:00:00Z", document, "2025-07-01T00:00:00Z");
}

// The file became shorter after it was read and before it was hashed.
Report of_a_file_cut_meanwhile() {
  const Bytes document = indication_story().sign(Story::paper(), anna_at());
  const Folder folder;
  const Fd file = open_for_reading(folder.put("cut.pdf", document));
  const validation::PdfUnderValidation under{
      "cut.pdf", ByteView(document).first(document.size() - 100),
      pdf::inspect(test::jail(), file, "cut.pdf"),
      [](std::uint64_t) { return std::vector<pdf::Change>(); }};
  auto context = indication_story().context(kLater);
  return validation::validate_pdf(under, context);
}

Bytes by_holder(const Holder& holder, crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha256) {
  Story::Wish wish{&holder, at(kSigned)};
  wish.hash = hash;
  return indication_story().sign(Story::paper(), wish);
}

Bytes by_cipher_key() {
  return by_holder(
      Holder({"Cipher", {{"keyUsage", "critical,keyEncipherment"}}}, indication_story().issuing()));
}

Bytes with_other_certificate() {
  Story::Wish wish = anna_at();
  wish.embedded = &indication_story().bert();
  return indication_story().sign(Story::paper(), wish);
}

Bytes stamped(std::string_view stamp, std::string_view archive = "") {
  Story::Wish wish = anna_at();
  wish.stamped = Stamped::yes;
  wish.stamp_time = at(stamp);
  const Bytes document = indication_story().sign(Story::paper(), wish);
  return archive.empty() ? document : indication_story().stamps(document, archive);
}

Report without_anchors() {
  auto context = indication_story().context(kLater);
  context.anchors = trust::TrustStore();
  return indication_story().report(indication_story().sign(Story::paper(), anna_at()), context);
}

using Row = std::pair<Sub, std::function<Report()>>;

std::vector<Row> failed_rows() {
  const Bytes honest = indication_story().sign(Story::paper(), anna_at());
  return {
      {Sub::format_failure,
       [=] { return judged(exchanged(honest, "/ETSI.CAdES.detached", "/ETSI.CAdES.attached")); }},
      {Sub::hash_failure,
       [=] { return judged(exchanged(honest, "/Adobe.PPKLite", "/Adobe.PPKLith")); }},
      {Sub::sig_crypto_failure, [] { return judged(with_wrong_value()); }},
      {Sub::revoked,
       [] {
         return with_revoked(false, content_stamped("2025-05-01T00:00:00Z"),
                             "2025-06-01T00:00:00Z");
       }},
      {Sub::expired,
       [] { return judged(content_stamped("2026-02-01T00:00:00Z"), "2026-03-01T00:00:00Z"); }},
      {Sub::not_yet_valid, [] { return judged(stamped("2024-06-01T00:00:00Z")); }},
  };
}

std::vector<Row> constraint_rows() {
  const Bytes honest = indication_story().sign(Story::paper(), anna_at());
  return {
      {Sub::sig_constraints_failure,
       [=] { return with_policy(honest, "signature:\n  level: B-T"); }},
      {Sub::chain_constraints_failure, [] { return judged(by_cipher_key()); }},
      {Sub::certificate_chain_general_failure,
       [=] { return with_policy(honest, "signers:\n  permitted: [\"dir:C=LU\"]"); }},
      {Sub::crypto_constraints_failure,
       [] { return judged(by_holder(indication_story().clara(), crypto::HashAlgorithm::sha1)); }},
      {Sub::crypto_constraints_failure_no_poe,
       [] {
         return judged(by_holder(indication_story().clara(), crypto::HashAlgorithm::sha224),
                       "2030-03-01T00:00:00Z");
       }},
      {Sub::policy_processing_error,
       [] { return with_policy(under_policy(der::integer(5)), kPolicyCounts); }},
      {Sub::signature_policy_not_available,
       [] { return with_policy(under_policy(der::sequence(der::oid("1.2.3.4"))), kPolicyCounts); }},
      {Sub::timestamp_order_failure,
       [] { return judged(stamped(kSigned, "2025-02-01T10:00:00Z")); }},
      {Sub::signed_data_not_found, [] { return of_a_file_cut_meanwhile(); }},
  };
}

std::vector<Row> certificate_rows() {
  const Bytes honest = indication_story().sign(Story::paper(), anna_at());
  return {
      {Sub::no_signing_certificate_found, [] { return judged(with_other_certificate()); }},
      {Sub::no_certificate_chain_found, [] { return without_anchors(); }},
      {Sub::no_certificate_chain_found_no_poe,
       [=] { return with_root_until("2025-03-01T12:00:00Z", honest, kLater); }},
      {Sub::revoked_no_poe, [=] { return with_revoked(false, honest, "2025-05-01T00:00:00Z"); }},
      {Sub::revoked_ca_no_poe, [=] { return with_revoked(true, honest, "2025-05-01T00:00:00Z"); }},
      {Sub::out_of_bounds_not_revoked, [=] { return judged(honest, "2026-03-01T00:00:00Z"); }},
      {Sub::out_of_bounds_no_poe,
       [=] { return judged(honest, "2026-03-01T00:00:00Z", Evidence::none); }},
      {Sub::revocation_out_of_bounds_no_poe, [] { return with_late_responder(); }},
      {Sub::try_later, [=] { return judged(honest, kLater, Evidence::none); }},
  };
}

// NO_POE is what validation time sliding concludes (5.6.2.2); past signature validation then leaves
// the verdict of the current time (5.6.2.4, step 2), so that it is a step's and never a
// signature's.
const std::map<Sub, std::function<Report()>>& of_steps_only() {
  static const std::map<Sub, std::function<Report()>> made{
      {Sub::no_poe, [] { return archived_without_evidence(); }}};
  return made;
}

std::string documentation() {
  return std::string(as_text(read_file(TSP_SOURCE_DIR "/docs/validation.md", 1 << 20)));
}

}  // namespace

TEST_CASE("each sub-indication is the verdict on a document") {
  std::map<Sub, std::function<Report()>> rows;
  for (const auto& part : {failed_rows(), constraint_rows(), certificate_rows()})
    for (const Row& row : part) CHECK(rows.insert(row).second);
  const std::string page = documentation();
  for (int i = 1; i <= static_cast<int>(Sub::signed_data_not_found); ++i) {
    const Sub sub = static_cast<Sub>(i);
    const std::string name(validation::name_of(sub));
    INFO(name);
    CHECK_THAT(page, ContainsSubstring("| `" + name + "` |"));
    if (of_steps_only().contains(sub)) continue;
    REQUIRE(rows.contains(sub));
    const Report report = rows.at(sub)();
    REQUIRE(report.signatures.size() == 1);
    for (const auto& finding : report.signatures[0].findings)
      UNSCOPED_INFO(finding.id << ": " << finding.detail);
    CHECK(report.sub_indication == name);
    CHECK(report.signatures[0].sub_indication == name);
    CHECK(validation::name_of(report.indication) ==
          (validation::status_of(sub) == validation::Status::failed ? "TOTAL-FAILED"
                                                                    : "INDETERMINATE"));
    CHECK_FALSE(report.signatures[0].findings.empty());
  }
}

TEST_CASE("what is a step's conclusion only leaves the verdict of the current time") {
  for (const auto& [sub, made] : of_steps_only()) {
    const std::string name(validation::name_of(sub));
    const Report report = made();
    REQUIRE(report.signatures.size() == 1);
    CHECK(report.signatures[0].sub_indication == "NO_CERTIFICATE_CHAIN_FOUND_NO_POE");
    std::vector<std::string> clauses;
    for (const auto& step : report.signatures[0].steps)
      if (step.sub_indication == name) clauses.push_back(step.clause);
    CHECK(clauses == std::vector<std::string>{"5.6.2.1"});
  }
}

TEST_CASE("the untouched document is passed") {
  const Report report = judged(indication_story().sign(Story::paper(), anna_at()));
  CHECK(report.indication == validation::Indication::total_passed);
  CHECK(report.sub_indication.empty());
}
