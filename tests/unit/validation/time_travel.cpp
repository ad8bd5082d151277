// What becomes of signatures of every level as time goes by (EN 319 102-1, 5.3 to 5.6): the clock
// is the moment judged. Verdicts stand in the order B-B, B-T, B-LT, B-LTA.
#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;
using validation::Indication;

namespace {

constexpr std::string_view kLevels[] = {"B-B", "B-T", "B-LT", "B-LTA"};
constexpr std::string_view kDay = "2025-03-01";

using Verdicts = std::vector<std::string>;

// The verdicts on the signer's signatures of each level, judged in that context.
Verdicts verdicts(const Story& story, const Holder& signer, const Holder* unit,
                  const std::function<validation::Context()>& context) {
  Verdicts out;
  for (const std::string_view level : kLevels) {
    validation::Context known = context();
    const auto report = story.report(story.at_level(level, signer, kDay, unit), known);
    REQUIRE(report.signatures.size() == 1);
    CHECK(report.signatures[0].level == level);
    out.push_back(verdict_of(report.indication, report.sub_indication));
  }
  return out;
}

Verdicts verdicts(const Story& story, const Holder& signer, std::string_view judged,
                  Evidence evidence = Evidence::current, const Holder* unit = nullptr) {
  return verdicts(story, signer, unit, [&] { return story.context(judged, evidence); });
}

const std::string kPassed = "TOTAL-PASSED";
std::string unsure(const std::string& sub) {
  return "INDETERMINATE " + sub;
}

}  // namespace

TEST_CASE("fresh signatures of every level are passed") {
  const Story story;
  CHECK(verdicts(story, story.anna(), "2025-03-02T00:00:00Z") ==
        Verdicts{kPassed, kPassed, kPassed, kPassed});
}

TEST_CASE("a signer's certificate that has expired is mended by a time-stamp") {
  const Story story;
  CHECK(verdicts(story, story.anna(), "2026-03-01T00:00:00Z") ==
        Verdicts{unsure("OUT_OF_BOUNDS_NOT_REVOKED"), kPassed, kPassed, kPassed});
}

TEST_CASE("evidence inside the document is enough while it is fresh for the time-stamps") {
  const Story story;
  CHECK(verdicts(story, story.anna(), "2025-03-02T00:00:00Z", Evidence::none) ==
        Verdicts{unsure("TRY_LATER"), unsure("TRY_LATER"), kPassed, kPassed});
}

TEST_CASE("the last time-stamp's unit needs evidence of today") {
  const Story story;
  CHECK(
      verdicts(story, story.anna(), "2025-06-01T00:00:00Z", Evidence::none) ==
      Verdicts{unsure("TRY_LATER"), unsure("TRY_LATER"), unsure("TRY_LATER"), unsure("TRY_LATER")});
}

TEST_CASE("a revocation after the time-stamp is mended by it") {
  Story story;
  story.revokes_anna("2025-04-01T00:00:00Z");
  CHECK(verdicts(story, story.anna(), "2025-05-01T00:00:00Z") ==
        Verdicts{unsure("REVOKED_NO_POE"), kPassed, kPassed, kPassed});
}

TEST_CASE("a revocation before the time-stamp is mended by nothing") {
  Story story;
  story.revokes_anna("2025-02-15T00:00:00Z");
  CHECK(verdicts(story, story.anna(), "2025-05-01T00:00:00Z") ==
        Verdicts{unsure("REVOKED_NO_POE"), unsure("REVOKED_NO_POE"), unsure("REVOKED_NO_POE"),
                 unsure("REVOKED_NO_POE")});
}

TEST_CASE("a time-stamping unit that has expired proves nothing without a newer time-stamp") {
  const Story story;
  const std::string sub = unsure("OUT_OF_BOUNDS_NOT_REVOKED");
  CHECK(verdicts(story, story.anna(), "2036-03-01T00:00:00Z") == Verdicts{sub, sub, sub, sub});
}

TEST_CASE("a newer archive time-stamp holds those of an expired unit") {
  const Story story;
  Bytes document = story.at_level("B-LTA", story.anna(), kDay);
  document = story.keeps(document, "2035-06-01T10:05:00Z");
  document = story.stamps(document, "2035-06-01T10:10:00Z", &story.other_unit());
  const auto report = story.report(document, "2036-03-01T00:00:00Z");
  REQUIRE(report.signatures.size() == 1);
  const auto& signature = report.signatures[0];
  INFO((signature.findings.empty() ? "" : signature.findings.front().detail));
  CHECK(verdict_of(report.indication, report.sub_indication) == kPassed);
  CHECK(signature.level == "B-LTA");
  CHECK(signature.best_signature_time == at("2025-03-01T10:00:00Z"));
  CHECK(signature.extend_before == story.other_unit().certificate().not_after());
  REQUIRE(signature.timestamps.size() == 3);
  CHECK(signature.timestamps[0].past);
  CHECK(signature.timestamps[0].proven == at("2025-03-01T10:10:00Z"));
  CHECK(signature.timestamps[1].past);
  CHECK(signature.timestamps[1].proven == at("2035-06-01T10:10:00Z"));
  CHECK_FALSE(signature.timestamps[2].past);
  SECTION("but not when it came after the unit had expired") {
    Bytes late = story.at_level("B-LTA", story.anna(), kDay);
    late = story.stamps(story.keeps(late, "2036-01-15T10:05:00Z"), "2036-01-15T10:10:00Z",
                        &story.other_unit());
    CHECK(story.verdict(late, "2036-03-01T00:00:00Z") == unsure("OUT_OF_BOUNDS_NOT_REVOKED"));
  }
}

TEST_CASE("a root that nobody trusts any more leads nowhere") {
  const Story story;
  const std::string sub = unsure("NO_CERTIFICATE_CHAIN_FOUND");
  CHECK(verdicts(story, story.anna(), nullptr, [&] {
          auto context = story.context("2025-03-02T00:00:00Z");
          context.anchors = trust::TrustStore();
          return context;
        }) == Verdicts{sub, sub, sub, sub});
}

TEST_CASE("a root that was trusted until a day is enough for what was archived before") {
  const Story story;
  const std::string sub = unsure("NO_CERTIFICATE_CHAIN_FOUND_NO_POE");
  CHECK(verdicts(story, story.anna(), &story.other_unit(), [&] {
          auto context = story.context("2025-07-01T00:00:00Z");
          context.anchors.end(story.root().certificate(), at("2025-06-01T00:00:00Z"));
          return context;
        }) == Verdicts{sub, sub, sub, kPassed});
}

TEST_CASE("a hash that has left the suite is mended by a time-stamp from before") {
  const Story story;
  Story::Wish wish{&story.clara(), at("2025-03-01T10:00:00Z")};
  wish.hash = crypto::HashAlgorithm::sha224;
  CHECK(story.verdict(story.sign(Story::paper(), wish), "2030-03-01T00:00:00Z") ==
        unsure("CRYPTO_CONSTRAINTS_FAILURE_NO_POE"));
  wish.stamped = Stamped::yes;
  CHECK(story.verdict(story.sign(Story::paper(), wish), "2030-03-01T00:00:00Z") == kPassed);
}

TEST_CASE("an algorithm of certificates that has left the suite asks for an archive") {
  const Story story;
  const std::string sub = unsure("CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
  CHECK(verdicts(story, story.clara(), &story.other_unit(), [&] {
          auto context = story.context("2030-03-01T00:00:00Z");
          context.policy.suite.set_last_day("ecdsa-p256",
                                            std::chrono::year(2029) / std::chrono::December / 31);
          return context;
        }) == Verdicts{sub, sub, sub, kPassed});
}

TEST_CASE("an authority whose key was stolen is believed in what was archived before") {
  Story story;
  story.revokes_issuing("2025-04-01T00:00:00Z");
  const std::string sub = unsure("REVOKED_CA_NO_POE");
  CHECK(verdicts(story, story.anna(), "2025-05-01T00:00:00Z", Evidence::current,
                 &story.other_unit()) == Verdicts{sub, sub, sub, kPassed});
}

TEST_CASE("an authority that ceased is believed in what it said before") {
  Story story;
  story.revokes_issuing("2025-04-01T00:00:00Z", "cessationOfOperation");
  const std::string sub = unsure("REVOKED_CA_NO_POE");
  CHECK(verdicts(story, story.anna(), "2025-05-01T00:00:00Z", Evidence::current,
                 &story.other_unit()) == Verdicts{sub, sub, kPassed, kPassed});
}

TEST_CASE("an authority that was revoked before the archive takes its signers with it") {
  Story story;
  story.revokes_issuing("2025-02-01T00:00:00Z");
  const std::string sub = unsure("REVOKED_CA_NO_POE");
  CHECK(verdicts(story, story.anna(), "2025-05-01T00:00:00Z", Evidence::current,
                 &story.other_unit()) == Verdicts{sub, sub, sub, sub});
}

TEST_CASE("time-stamps in the wrong order tell that something is false") {
  const Story story;
  const Bytes document =
      story.stamps(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z", Stamped::yes),
                   "2025-02-01T10:00:00Z");
  CHECK(story.verdict(document, "2025-03-02T00:00:00Z") == unsure("TIMESTAMP_ORDER_FAILURE"));
}

TEST_CASE("the report tells what was proven by what") {
  const Story story;
  const auto report =
      story.report(story.at_level("B-LTA", story.anna(), kDay), "2025-03-02T00:00:00Z");
  const auto& signature = report.signatures.at(0);
  REQUIRE_FALSE(signature.proofs.empty());
  CHECK(signature.proofs[0].object == "signature");
  CHECK(signature.proofs[0].time == at("2025-03-01T10:00:00Z"));
  REQUIRE(signature.chain.size() == 3);
  CHECK(signature.chain[0].subject == story.anna().certificate().subject());
  CHECK(signature.chain[1].proven == at("2025-03-01T10:10:00Z"));
  CHECK(signature.chain[2].trust_anchor);
  REQUIRE(signature.chain[0].revocation);
  CHECK(signature.chain[0].revocation->kind == "crl");
  CHECK(signature.chain[0].revocation->status == "good");
  std::vector<std::string> clauses;
  for (const auto& step : signature.steps) clauses.push_back(step.clause);
  CHECK(clauses == std::vector<std::string>{"5.2.2", "5.2.3", "5.2.4", "5.2.6", "5.2.7", "5.2.8",
                                            "5.3", "5.5", "5.6"});
}
