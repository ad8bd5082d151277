// Single building blocks, and the small things around them.
#include <set>

#include "support/catch.h"
#include "support/pki_story.h"
#include "validation/acceptance.h"
#include "validation/conclusion.h"
#include "validation/coverage.h"
#include "validation/pdf_date.h"
#include "validation/signing_certificate.h"
#include "validation/x509_validation.h"

using namespace tsp;
using namespace tsp::test;
using validation::Status;
using validation::Sub;

namespace {

Bytes by_clara(const Story& story, crypto::HashAlgorithm hash, Stamped stamped) {
  Story::Wish wish{&story.clara(), at("2025-03-01T10:00:00Z"), stamped};
  wish.hash = hash;
  return story.sign(Story::paper(), wish);
}

cms::SignedData cms_of(ByteView document) {
  const Folder folder;
  const auto found =
      pdf::inspect(test::jail(), open_for_reading(folder.put("contract.pdf", document)), "x.pdf");
  return cms::parse(found.signatures.at(0).contents);
}

}  // namespace

TEST_CASE("the sub-indications are the 25 of the standard, six of them for FAILED") {
  std::set<std::string_view> names;
  int failed = 0, undetermined = 0;
  for (int i = 1; i <= static_cast<int>(Sub::signed_data_not_found); ++i) {
    const auto sub = static_cast<Sub>(i);
    names.insert(validation::name_of(sub));
    (validation::status_of(sub) == Status::failed ? failed : undetermined)++;
  }
  CHECK(names.size() == 25);
  CHECK(failed == 6);
  CHECK(undetermined == 19);
  CHECK(validation::name_of(Sub::format_failure) == "FORMAT_FAILURE");
  CHECK(validation::name_of(Sub::not_yet_valid) == "NOT_YET_VALID");
  CHECK(validation::name_of(Sub::out_of_bounds_no_poe) == "OUT_OF_BOUNDS_NO_POE");
  CHECK(validation::name_of(Sub::signed_data_not_found) == "SIGNED_DATA_NOT_FOUND");
}

TEST_CASE("dates in PDF") {
  using validation::parse_pdf_date;
  CHECK(parse_pdf_date("D:20250301101112Z") == at("2025-03-01T10:11:12Z"));
  CHECK(parse_pdf_date("D:20250301101112+01'30'") == at("2025-03-01T08:41:12Z"));
  CHECK(parse_pdf_date("D:20250301101112-08'00") == at("2025-03-01T18:11:12Z"));
  CHECK(parse_pdf_date("D:20250301101112Z00'00'") == at("2025-03-01T10:11:12Z"));
  CHECK(parse_pdf_date("D:202503") == at("2025-03-01T00:00:00Z"));
  CHECK(parse_pdf_date("2025") == at("2025-01-01T00:00:00Z"));
  for (const char* wrong :
       {"", "D:", "D:20", "D:2025030110111", "D:20251301", "D:20250230", "D:20250301250000Z",
        "D:20250301101112+99'00'", "D:20250301101112X", "D:20250301101112+01'30'x", "yesterday"})
    CHECK_FALSE(parse_pdf_date(wrong));
}

TEST_CASE("an algorithm that has left the suite needs proof from before") {
  const Story story;
  SECTION("while it is in the suite it is passed") {
    CHECK(story.verdict(by_clara(story, crypto::HashAlgorithm::sha224, Stamped::no),
                        "2026-03-01T00:00:00Z") == "TOTAL-PASSED");
  }
  SECTION("afterwards it is undetermined") {
    CHECK(story.verdict(by_clara(story, crypto::HashAlgorithm::sha224, Stamped::no),
                        "2030-03-01T00:00:00Z") ==
          "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
  }
  SECTION("unless a time-stamp is older") {
    CHECK(story.verdict(by_clara(story, crypto::HashAlgorithm::sha224, Stamped::yes),
                        "2030-03-01T00:00:00Z") == "TOTAL-PASSED");
  }
  SECTION("and one that had left before the certificate began is beyond saving") {
    CHECK(story.verdict(by_clara(story, crypto::HashAlgorithm::sha1, Stamped::yes),
                        "2026-03-01T00:00:00Z") == "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE");
  }
}

TEST_CASE("the signing certificate is the one whose digest is signed") {
  const Story story;
  cms::SignedData cms = cms_of(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"));
  using validation::Reference;
  const auto found = validation::identify_signing_certificate(cms, Reference::required, {});
  CHECK(found.certificate == story.anna().certificate());
  CHECK(found.findings.empty());
  SECTION("not there") {
    cms.certificates = {story.issuing().certificate()};
    CHECK(validation::identify_signing_certificate(cms, Reference::required, {}).conclusion.sub ==
          Sub::no_signing_certificate_found);
  }
  SECTION("found elsewhere") {
    cms.certificates.clear();
    CHECK(validation::identify_signing_certificate(cms, Reference::required,
                                                   {story.anna().certificate()})
              .conclusion.passed());
  }
  SECTION("a contradicting identifier is a warning") {
    cms.signers[0].issuer_and_serial_or_key_id =
        cms_of(story.bert_signs(Story::paper(), "2025-03-01T10:00:00Z"))
            .signers[0]
            .issuer_and_serial_or_key_id;
    const auto warned = validation::identify_signing_certificate(cms, Reference::required, {});
    CHECK(warned.conclusion.passed());
    REQUIRE(warned.findings.size() == 1);
    CHECK(warned.findings[0].id == "signing-certificate.identifier-differs");
  }
  SECTION("without a reference AdES has none, and other signatures the one that is named") {
    std::erase_if(cms.signers[0].attributes, [](const cms::Attribute& attribute) {
      return attribute.oid == "1.2.840.113549.1.9.16.2.47";
    });
    CHECK(validation::identify_signing_certificate(cms, Reference::required, {}).conclusion.sub ==
          Sub::no_signing_certificate_found);
    CHECK(validation::identify_signing_certificate(cms, Reference::dispensable, {}).certificate ==
          story.anna().certificate());
    CHECK(validation::accept_signature(cms.signers[0], story.anna().certificate(),
                                       "1.2.840.113549.1.7.1", at("2025-03-01T10:00:00Z"), {})
              .sub == Sub::sig_constraints_failure);
  }
}

TEST_CASE("the signed content type must be the content's") {
  const Story story;
  const auto cms = cms_of(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"));
  CHECK(validation::accept_signature(cms.signers[0], story.anna().certificate(),
                                     "1.2.840.113549.1.7.2", at("2025-03-01T10:00:00Z"), {})
            .finding == "attributes.content-type-differs");
}

TEST_CASE("a certificate that is not for signatures does not sign documents") {
  const Story story;
  const Holder cipher({"Cipher", {{"keyUsage", "critical,keyEncipherment"}}}, story.issuing());
  Story::Wish wish{&cipher, at("2025-03-01T10:00:00Z")};
  CHECK(story.verdict(story.sign(Story::paper(), wish), "2025-03-02T00:00:00Z") ==
        "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE");
}

TEST_CASE("a certificate that is not for time-stamps stamps nothing") {
  const Story story;
  auto context = story.context("2025-03-02T00:00:00Z");
  context.evidence.certificates = {story.issuing().certificate()};
  CHECK(validation::validate_x509(story.anna().certificate(), trust::Usage::timestamping, context,
                                  context.at)
            .conclusion.sub == Sub::chain_constraints_failure);
  CHECK(validation::validate_x509(story.unit().certificate(), trust::Usage::timestamping, context,
                                  context.at)
            .conclusion.passed());
}

TEST_CASE("what a signature tolerates follows its certification") {
  using pdf::ChangeKind;
  using validation::Modifications;
  struct Row {
    std::optional<int> certification;
    ChangeKind kind;
    Sub expected;
  };
  const Row rows[] = {
      {{}, ChangeKind::validation_data, Sub::none},
      {{}, ChangeKind::signature, Sub::none},
      {{}, ChangeKind::form_filling, Sub::none},
      {{}, ChangeKind::metadata, Sub::none},
      {{}, ChangeKind::visible_signature, Sub::none},
      {{}, ChangeKind::comment, Sub::sig_constraints_failure},
      {{}, ChangeKind::annotation, Sub::sig_constraints_failure},
      {{}, ChangeKind::other, Sub::sig_constraints_failure},
      {1, ChangeKind::validation_data, Sub::none},
      {1, ChangeKind::document_timestamp, Sub::none},
      {1, ChangeKind::signature, Sub::format_failure},
      {1, ChangeKind::form_filling, Sub::format_failure},
      {1, ChangeKind::metadata, Sub::format_failure},
      {2, ChangeKind::signature, Sub::none},
      {2, ChangeKind::form_filling, Sub::none},
      {2, ChangeKind::visible_signature, Sub::format_failure},
      {2, ChangeKind::comment, Sub::format_failure},
      {2, ChangeKind::annotation, Sub::format_failure},
      {2, ChangeKind::other, Sub::format_failure},
      {3, ChangeKind::visible_signature, Sub::sig_constraints_failure},
      {3, ChangeKind::comment, Sub::none},
      {3, ChangeKind::annotation, Sub::sig_constraints_failure},
      {3, ChangeKind::other, Sub::format_failure},
  };
  for (const Row& row : rows) {
    pdf::SignatureEntry entry;
    entry.certification = row.certification;
    const pdf::Change change{row.kind, 1, 7, "", "something", {}};
    const auto judged = validation::judge_changes(entry, {&change, 1}, {});
    INFO(pdf::name_of(row.kind) << " under " << row.certification.value_or(0));
    CHECK(judged.conclusion.sub == row.expected);
    CHECK(judged.modifications ==
          (row.expected == Sub::none ? Modifications::allowed : Modifications::unexpected));
  }
}
