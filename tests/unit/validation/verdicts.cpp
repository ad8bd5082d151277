// What becomes of honest signatures as time goes by (EN 319 102-1 5.3 and 5.5).
#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;
using validation::Indication;

TEST_CASE("a fresh signature is passed") {
  const Story story;
  const auto report = story.report(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"),
                                   "2025-03-02T00:00:00Z");
  REQUIRE(report.signatures.size() == 1);
  const auto& signature = report.signatures[0];
  CHECK(report.indication == Indication::total_passed);
  CHECK(signature.sub_indication.empty());
  CHECK(signature.format == "pades");
  CHECK(signature.level == "B-B");
  CHECK(signature.signer == story.anna().certificate().subject());
  CHECK(signature.certificate_serial == story.anna().certificate().serial());
  CHECK(signature.claimed_signing_time == at("2025-03-01T10:00:00Z"));
  CHECK_FALSE(signature.best_signature_time);
  CHECK(signature.coverage == "whole-file");
  CHECK(signature.modifications == "none");
  CHECK(signature.timestamps.empty());
  CHECK(signature.findings.empty());
  CHECK(signature.extend_before == story.anna().certificate().not_after());
}

TEST_CASE("a time-stamped signature is passed and tells its time") {
  const Story story;
  const auto report =
      story.report(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z", Stamped::yes),
                   "2025-03-02T00:00:00Z");
  REQUIRE(report.signatures.size() == 1);
  const auto& signature = report.signatures[0];
  CHECK(report.indication == Indication::total_passed);
  CHECK(signature.level == "B-T");
  CHECK(signature.best_signature_time == at("2025-03-01T10:00:00Z"));
  REQUIRE(signature.timestamps.size() == 1);
  CHECK(signature.timestamps[0].kind == "signature");
  CHECK(signature.timestamps[0].indication == Indication::total_passed);
  CHECK(signature.timestamps[0].tsa == story.unit().certificate().subject());
  CHECK(signature.extend_before == story.unit().certificate().not_after());
}

TEST_CASE("an RSA-PSS signature and every hash are passed") {
  const Story story;
  for (auto hash : {crypto::HashAlgorithm::sha256, crypto::HashAlgorithm::sha384,
                    crypto::HashAlgorithm::sha512}) {
    Story::Wish wish{&story.bert(), at("2025-03-01T10:00:00Z"), Stamped::yes};
    wish.hash = hash;
    CHECK(story.verdict(story.sign(Story::paper(), wish), "2025-03-02T00:00:00Z") ==
          "TOTAL-PASSED");
  }
}

TEST_CASE("a document without a signature is undetermined") {
  const Story story;
  const auto report = story.report(Story::paper(), "2025-03-02T00:00:00Z");
  CHECK(report.indication == Indication::indeterminate);
  CHECK(report.signatures.empty());
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].id == "no-signature");
}

TEST_CASE("without an anchor there is no chain") {
  const Story story;
  auto context = story.context("2025-03-02T00:00:00Z");
  context.anchors = trust::TrustStore();
  const auto report =
      story.report(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"), context);
  CHECK(verdict_of(report.indication, report.sub_indication) ==
        "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST_CASE("without revocation information one has to try later") {
  const Story story;
  const auto signed_paper = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z");
  CHECK(story.verdict(signed_paper, "2025-03-02T00:00:00Z", Evidence::none) ==
        "INDETERMINATE TRY_LATER");
}

TEST_CASE("revocation information that has grown old is not enough") {
  const Story story;
  auto context = story.context("2025-03-10T00:00:00Z", Evidence::none);
  context.evidence.crls = {x509::Crl::from_der(story.crl_of_root(at("2025-03-01T00:00:00Z"))),
                           x509::Crl::from_der(story.crl_of_issuing(at("2025-03-01T00:00:00Z")))};
  const auto report =
      story.report(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"), context);
  CHECK(verdict_of(report.indication, report.sub_indication) == "INDETERMINATE TRY_LATER");
  CHECK(has_finding(report.signatures[0], "certificate.revocation-stale"));
}

TEST_CASE("what was fresh when the signature was stamped stays fresh for it") {
  const Story story;
  auto context = story.context("2025-03-10T00:00:00Z");
  const auto stamped = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z", Stamped::yes);
  SECTION("for the signer, where the unit's own evidence is current") {
    CHECK(story.report(stamped, context).indication == Indication::total_passed);
  }
  SECTION("but a time-stamp whose own evidence is old proves nothing") {
    context.evidence.crls = {x509::Crl::from_der(story.crl_of_root(at("2025-03-01T09:00:00Z"))),
                             x509::Crl::from_der(story.crl_of_issuing(at("2025-03-01T09:00:00Z")))};
    const auto report = story.report(stamped, context);
    CHECK(verdict_of(report.indication, report.sub_indication) == "INDETERMINATE TRY_LATER");
    CHECK_FALSE(report.signatures[0].best_signature_time);
  }
}

TEST_CASE("a signature that outlives its certificate needs proof of when it was made") {
  const Story story;
  SECTION("without a time-stamp, known not to have been revoked") {
    CHECK(story.verdict(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"),
                        "2026-03-01T00:00:00Z") == "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED");
  }
  SECTION("without a time-stamp and without evidence") {
    CHECK(story.verdict(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"),
                        "2026-03-01T00:00:00Z",
                        Evidence::none) == "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
  }
  SECTION("with a time-stamp") {
    CHECK(story.verdict(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z", Stamped::yes),
                        "2026-03-01T00:00:00Z") == "TOTAL-PASSED");
  }
  SECTION("with a time-stamp whose unit has expired, too") {
    CHECK(story.verdict(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z", Stamped::yes),
                        "2036-03-01T00:00:00Z") == "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED");
  }
}

TEST_CASE("a certificate that has not begun yet proves nothing yet") {
  const Story story;
  CHECK(story.verdict(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"),
                      "2024-12-01T00:00:00Z") == "TOTAL-FAILED NOT_YET_VALID");
}

TEST_CASE("a time-stamp from before the certificate began tells that something is false") {
  const Story story;
  Story::Wish wish{&story.anna(), at("2025-03-01T10:00:00Z"), Stamped::yes};
  wish.stamp_time = at("2024-06-01T00:00:00Z");
  CHECK(story.verdict(story.sign(Story::paper(), wish), "2025-03-02T00:00:00Z") ==
        "TOTAL-FAILED NOT_YET_VALID");
}

TEST_CASE("a revocation after the time-stamp leaves the signature standing") {
  Story story;
  const auto contract = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z", Stamped::yes);
  story.revokes_anna("2025-04-01T00:00:00Z");
  CHECK(story.verdict(contract, "2025-05-01T00:00:00Z") == "TOTAL-PASSED");
}

TEST_CASE("a revocation before the time-stamp is not mended by it") {
  Story story;
  const auto contract = story.anna_signs(Story::paper(), "2025-04-02T10:00:00Z", Stamped::yes);
  story.revokes_anna("2025-04-01T00:00:00Z");
  const auto report = story.report(contract, "2025-05-01T00:00:00Z");
  CHECK(verdict_of(report.indication, report.sub_indication) == "INDETERMINATE REVOKED_NO_POE");
  CHECK(has_finding(report.signatures[0], "certificate.revoked"));
}

TEST_CASE("a revoked signer's signature without a time-stamp is undetermined") {
  Story story;
  const auto contract = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z");
  story.revokes_anna("2025-04-01T00:00:00Z");
  CHECK(story.verdict(contract, "2025-05-01T00:00:00Z") == "INDETERMINATE REVOKED_NO_POE");
  SECTION("and passed for a moment before the revocation") {
    CHECK(story.verdict(contract, "2025-03-31T00:00:00Z") == "TOTAL-PASSED");
  }
}

TEST_CASE("a revoked time-stamping unit proves nothing any more") {
  Story story;
  const auto contract = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z", Stamped::yes);
  story.revokes_unit("2025-04-01T00:00:00Z");
  story.revokes_anna("2025-04-01T00:00:00Z");
  const auto report = story.report(contract, "2025-05-01T00:00:00Z");
  CHECK(verdict_of(report.indication, report.sub_indication) == "INDETERMINATE REVOKED_NO_POE");
  CHECK(report.signatures[0].timestamps[0].sub_indication == "REVOKED_NO_POE");
}

TEST_CASE("a revoked authority takes its signers with it") {
  Story story;
  const auto contract = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z");
  story.revokes_issuing("2025-04-01T00:00:00Z");
  CHECK(story.verdict(contract, "2025-05-01T00:00:00Z") == "INDETERMINATE REVOKED_CA_NO_POE");
}

TEST_CASE("further signers leave the earlier ones passed") {
  const Story story;
  Bytes contract = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z", Stamped::yes);
  contract = story.bert_signs(contract, "2025-03-01T11:00:00Z");
  contract = story.anna_signs(contract, "2025-03-01T12:00:00Z");
  const auto report = story.report(contract, "2025-03-02T00:00:00Z");
  REQUIRE(report.signatures.size() == 3);
  CHECK(report.indication == Indication::total_passed);
  CHECK(report.signatures[0].coverage == "revision");
  CHECK(report.signatures[0].modifications == "allowed");
  CHECK(report.signatures[1].modifications == "allowed");
  CHECK(report.signatures[2].coverage == "whole-file");
  CHECK(report.signatures[2].modifications == "none");
}

TEST_CASE("the file is worth what its worst signature is worth") {
  Story story;
  Bytes contract = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z");
  contract = story.bert_signs(contract, "2025-03-01T11:00:00Z");
  story.revokes_anna("2025-04-01T00:00:00Z");
  const auto report = story.report(contract, "2025-05-01T00:00:00Z");
  CHECK(verdict_of(report.indication, report.sub_indication) == "INDETERMINATE REVOKED_NO_POE");
  CHECK(report.signatures[1].indication == Indication::total_passed);
}

TEST_CASE("a certified document stays passed") {
  const Story story;
  Story::Wish wish{&story.anna(), at("2025-03-01T10:00:00Z")};
  wish.certification = 2;
  const Bytes certified = story.sign(Story::paper(), wish);
  CHECK(story.verdict(certified, "2025-03-02T00:00:00Z") == "TOTAL-PASSED");
  SECTION("also when the next signs, as it allows") {
    const auto report =
        story.report(story.bert_signs(certified, "2025-03-01T11:00:00Z"), "2025-03-02T00:00:00Z");
    CHECK(report.indication == Indication::total_passed);
    CHECK(report.signatures[0].modifications == "allowed");
  }
}
