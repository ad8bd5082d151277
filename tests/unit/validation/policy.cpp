// Validation policies: how they are read and what they change.
#include "validation/policy.h"

#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;
using validation::Level;
using validation::Policy;
using validation::Rule;

namespace {

Policy parsed(const std::string& text) {
  return validation::parse_policy(yaml::parse("name: test\n" + text, "policy.yaml"));
}

// "policy.yaml:3", and why.
std::string refusal(const std::string& text) {
  try {
    parsed(text);
  } catch (const Error& error) {
    return error.failed + ": " + error.why;
  }
  return "accepted";
}

// The verdict on Anna's signature of that level a day later, under the policy.
std::string verdict(std::string_view level, const std::string& policy,
                    std::string_view judged = "2025-03-02T00:00:00Z",
                    Evidence evidence = Evidence::current) {
  const Story story;
  auto context = story.context(judged, evidence);
  context.policy = parsed(policy);
  const auto report = story.report(story.at_level(level, story.anna(), "2025-03-01"), context);
  CHECK(report.policy == "test");
  return verdict_of(report.indication, report.sub_indication);
}

}  // namespace

TEST_CASE("the default policy's file says what is built in") {
  const Bytes text = read_file(TSP_SOURCE_DIR "/config/validation/default.yaml", 1 << 20);
  const Policy file = validation::parse_policy(yaml::parse(as_text(text), "default.yaml"));
  const Policy built_in;
  CHECK(file.name == built_in.name);
  CHECK(file.levels == built_in.levels);
  CHECK(file.tolerance == built_in.tolerance);
  CHECK(file.least_level.empty());
  CHECK_FALSE(file.max_age);
  CHECK_FALSE(file.delay);
  CHECK(file.signers.policies.empty());
}

TEST_CASE("what a policy says wrongly is refused with its line") {
  CHECK(refusal("colour: red").starts_with("policy.yaml:2"));
  CHECK(refusal("constraints:\n  revocation: maybe").starts_with("policy.yaml:3"));
  CHECK(refusal("constraints:\n  revocations: warn").starts_with("policy.yaml:3"));
  CHECK(refusal("signature:\n  level: B-X").starts_with("policy.yaml:3"));
  CHECK(refusal("signers:\n  policies: [1.2.x]").starts_with("policy.yaml:3"));
  CHECK(refusal("signers:\n  permitted: [planet:mars]").starts_with("policy.yaml:3"));
  CHECK(refusal("revocation:\n  max_age: soon").starts_with("policy.yaml:3"));
  CHECK(refusal("algorithms:\n  sha224: 2025-02-30").starts_with("policy.yaml:3"));
  CHECK(refusal("algorithms:\n  md5: none").starts_with("policy.yaml:3"));
  CHECK(refusal("anchors:\n  - sha256: ab\n    until: 2026-01-01").starts_with("policy.yaml:3"));
  CHECK(refusal("timestamps:\n  tolerance: -1s").starts_with("policy.yaml:3"));
}

TEST_CASE("a policy needs a name") {
  CHECK_THROWS_AS(validation::parse_policy(yaml::parse("description: x", "policy.yaml")), Error);
}

TEST_CASE("levels are read for every constraint") {
  const Policy policy = parsed("constraints:\n  timestamps: fail\n  revocation: ignore\n");
  CHECK(policy.level(Rule::timestamps) == Level::fail);
  CHECK(policy.level(Rule::revocation) == Level::ignore);
  CHECK(policy.level(Rule::timestamp_order) == Level::fail);
}

TEST_CASE("a level that is demanded") {
  CHECK(verdict("B-B", "signature:\n  level: B-T") == "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  CHECK(verdict("B-T", "signature:\n  level: B-T") == "TOTAL-PASSED");
}

TEST_CASE("a level that is demanded is not met by time-stamps that fail") {
  const Story story;
  const auto judged = [&](const Bytes& document, const std::string& least) {
    auto context = story.context("2025-03-02T00:00:00Z");
    context.policy = parsed("signature:\n  level: " + least);
    const auto report = story.report(document, context);
    return report.signatures.at(0).level + " " +
           verdict_of(report.indication, report.sub_indication);
  };
  Story::Wish wish{&story.anna(), at("2025-03-01T10:00:00Z"), Stamped::yes};
  wish.forged_stamp = [&](ByteView value) {
    Bytes token = story.token_over(value, wish.hash, wish.time);
    token.back() ^= 1;
    return token;
  };
  const Bytes broken = story.sign(Story::paper(), wish);
  CHECK(judged(broken, "B-B") == "B-B TOTAL-PASSED");
  CHECK(judged(broken, "B-T") == "B-B INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  CHECK(judged(story.stamps(broken, "2025-03-01T10:05:00Z"), "B-T") == "B-T TOTAL-PASSED");

  const Holder stranger({"Stranger", tsu_extensions()});
  wish.forged_stamp = {};
  wish.unit = &stranger;
  CHECK(judged(story.sign(Story::paper(), wish), "B-T") ==
        "B-T INDETERMINATE SIG_CONSTRAINTS_FAILURE");

  const Bytes kept = story.at_level("B-LT", story.anna(), "2025-03-01");
  CHECK(judged(kept, "B-LTA") == "B-LT INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  CHECK(judged(story.stamps(kept, "2025-03-01T10:10:00Z", &stranger), "B-LTA") ==
        "B-LTA INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  CHECK(judged(story.stamps(kept, "2025-03-01T10:10:00Z"), "B-LTA") == "B-LTA TOTAL-PASSED");
}

TEST_CASE("a document time-stamp of something else raises no level") {
  const Story story;
  const Bytes signed_paper = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z");
  Bytes foreign = story.stamps(signed_paper, "2025-03-01T10:05:00Z");
  foreign.back() ^= '\r' ^ '\n';  // the end of the last line, within the time-stamp's range
  const auto signature = story.report(foreign, "2025-03-02T00:00:00Z").signatures.at(0);
  CHECK(signature.timestamps.at(0).sub_indication == "HASH_FAILURE");
  CHECK(signature.level == "B-B");
  CHECK(signature.next_level_lacks == "none of its time-stamps holds");
}

TEST_CASE("revocation that is not asked for") {
  CHECK(verdict("B-B", "constraints:\n  revocation: ignore", "2025-03-02T00:00:00Z",
                Evidence::none) == "TOTAL-PASSED");
  CHECK(verdict("B-B", "constraints:\n  revocation: warn", "2025-03-02T00:00:00Z",
                Evidence::none) == "TOTAL-PASSED");
  CHECK(verdict("B-B", "", "2025-03-02T00:00:00Z", Evidence::none) == "INDETERMINATE TRY_LATER");
}

TEST_CASE("a known revocation counts where revocation may be unknown") {
  Story story;
  story.revokes_anna("2025-02-15T00:00:00Z");
  auto context = story.context("2025-03-02T00:00:00Z");
  context.policy = parsed("constraints:\n  revocation: warn");
  const auto report =
      story.report(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"), context);
  CHECK(report.sub_indication == "REVOKED_NO_POE");
}

TEST_CASE("revocation information may be asked to be younger than it promises") {
  CHECK(verdict("B-B", "revocation:\n  max_age: 2h") == "TOTAL-PASSED");
  CHECK(verdict("B-B", "revocation:\n  max_age: 30m") == "INDETERMINATE TRY_LATER");
}

TEST_CASE("a certificate policy that is demanded and not there") {
  CHECK(verdict("B-B", "signers:\n  policies: [1.2.3.4]\n  explicit_policy: true") ==
        "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE");
}

TEST_CASE("names outside of what the policy permits") {
  CHECK(verdict("B-B", "signers:\n  permitted: [\"dir:C=DE\"]") == "TOTAL-PASSED");
  CHECK(verdict("B-B", "signers:\n  permitted: [\"dir:C=LU\"]") ==
        "INDETERMINATE CERTIFICATE_CHAIN_GENERAL_FAILURE");
  CHECK(verdict("B-B", "signers:\n  excluded: [\"dir:C=DE,O=TEST\"]") ==
        "INDETERMINATE CERTIFICATE_CHAIN_GENERAL_FAILURE");
}

TEST_CASE("a day of the policy's own for an algorithm") {
  CHECK(verdict("B-B", "algorithms:\n  sha256: 2025-01-31") ==
        "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
  CHECK(verdict("B-B", "algorithms:\n  sha256: 2025-01-31\nconstraints:\n  algorithms: ignore") ==
        "TOTAL-PASSED");
}

TEST_CASE("a time-stamp that comes too late for the claimed time") {
  const Story story;
  Story::Wish wish{&story.anna(), at("2025-03-01T10:00:00Z"), Stamped::yes};
  wish.stamp_time = at("2025-03-01T13:00:00Z");
  const Bytes document = story.sign(Story::paper(), wish);
  const auto judged = [&](const std::string& policy) {
    auto context = story.context("2025-03-02T00:00:00Z");
    context.policy = parsed(policy);
    return story.report(document, context).sub_indication;
  };
  CHECK(judged("timestamps:\n  delay: 2h") == "SIG_CONSTRAINTS_FAILURE");
  CHECK(judged("timestamps:\n  delay: 4h").empty());
}

TEST_CASE("a root's last day from the policy") {
  const Story story;
  const std::string digest = to_hex(story.root().certificate().sha256());
  CHECK(verdict("B-B", "anchors:\n  - sha256: " + digest + "\n    until: 2025-03-01T12:00:00Z") ==
        "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND_NO_POE");
}
