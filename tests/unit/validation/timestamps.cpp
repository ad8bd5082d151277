// Time-stamps, honest and forged (EN 319 102-1 5.4).
#include "base/error.h"
#include "cms/timestamp.h"
#include "crypto/digest.h"
#include "moments.h"
#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;
using validation::Indication;

namespace {

// Anna's signature with what somebody else takes for a time-stamp.
validation::SignatureResult with_stamp(const Story& story,
                                       const std::function<Bytes(ByteView)>& forged,
                                       std::string_view judged = kLater) {
  Story::Wish wish{&story.anna(), at("2025-03-01T10:00:00Z"), Stamped::yes};
  wish.forged_stamp = forged;
  return story.report(story.sign(Story::paper(), wish), judged).signatures.at(0);
}

Bytes token_by(const Holder& unit, ByteView value) {
  cms::TstInfo info{};
  info.policy = "2.25.1";
  info.hash = crypto::HashAlgorithm::sha256;
  info.imprint = crypto::sha256(value);
  info.serial = {1};
  info.time = at("2025-03-01T10:00:00Z");
  return cms::issue_token({info, true, {}}, unit.certificate(), unit.key());
}

}  // namespace

TEST_CASE("a time-stamp of another signature proves nothing") {
  const Story story;
  const auto signature = with_stamp(story, [&](ByteView) {
    return story.token_over(as_bytes("another"), crypto::HashAlgorithm::sha256,
                            at("2025-03-01T10:00:00Z"));
  });
  CHECK(signature.timestamps.at(0).sub_indication == "HASH_FAILURE");
  CHECK(has_finding(signature, "timestamp.imprint-differs"));
  CHECK_FALSE(signature.best_signature_time);
  CHECK(signature.indication == Indication::total_passed);
}

TEST_CASE("an expired certificate is not saved by a forged time-stamp") {
  const Story story;
  const auto forged = [&](ByteView value) {
    Bytes token =
        story.token_over(value, crypto::HashAlgorithm::sha256, at("2025-03-01T10:00:00Z"));
    token.back() ^= 1;
    return token;
  };
  const auto signature = with_stamp(story, forged, "2026-03-01T00:00:00Z");
  CHECK(signature.timestamps.at(0).indication == Indication::total_failed);
  CHECK(signature.timestamps.at(0).sub_indication == "SIG_CRYPTO_FAILURE");
  CHECK(verdict_of(signature.indication, signature.sub_indication) ==
        "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED");
}

TEST_CASE("a time-stamp that is none is a format failure of the time-stamp") {
  const Story story;
  const auto signature = with_stamp(story, [](ByteView) { return Bytes{0x30, 0x03, 2, 1, 0}; });
  CHECK(signature.timestamps.at(0).sub_indication == "FORMAT_FAILURE");
  CHECK_FALSE(signature.timestamps.at(0).time);
  CHECK(has_finding(signature, "timestamp.malformed"));
}

TEST_CASE("a time-stamping unit that nobody trusts proves nothing") {
  const Story story;
  const Holder stranger({"Stranger", tsu_extensions()});
  const auto signature =
      with_stamp(story, [&](ByteView value) { return token_by(stranger, value); });
  CHECK(signature.timestamps.at(0).sub_indication == "NO_CERTIFICATE_CHAIN_FOUND");
  CHECK_FALSE(signature.best_signature_time);
}

TEST_CASE("a document time-stamp proves when the signature existed") {
  const Story story;
  const Bytes contract = story.stamps(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"),
                                      "2025-03-01T10:05:00Z");
  const auto report = story.report(contract, "2026-03-01T00:00:00Z");
  REQUIRE(report.signatures.size() == 1);
  const auto& signature = report.signatures[0];
  CHECK(verdict_of(signature.indication, signature.sub_indication) == "TOTAL-PASSED");
  CHECK(signature.level == "B-T");
  CHECK(signature.modifications == "allowed");
  CHECK(signature.best_signature_time == at("2025-03-01T10:05:00Z"));
  REQUIRE(signature.timestamps.size() == 1);
  CHECK(signature.timestamps[0].kind == "document");
}

TEST_CASE("a document time-stamp may follow a certification that allows no changes") {
  const Story story;
  Story::Wish wish{&story.anna(), at("2025-03-01T10:00:00Z")};
  wish.certification = 1;
  CHECK(story.verdict(story.stamps(story.sign(Story::paper(), wish), "2025-03-01T10:05:00Z"),
                      kLater) == "TOTAL-PASSED");
}

TEST_CASE("a document time-stamp that was there before does not count for a later signature") {
  const Story story;
  const Bytes contract = story.anna_signs(story.stamps(Story::paper(), "2025-03-01T09:00:00Z"),
                                          "2025-03-01T10:00:00Z");
  const auto signature = story.report(contract, kLater).signatures.at(0);
  CHECK(signature.indication == Indication::total_passed);
  CHECK(signature.timestamps.empty());
  CHECK(signature.level == "B-B");
}

TEST_CASE("a document with nothing but a time-stamp has no signature") {
  const Story story;
  const auto report = story.report(story.stamps(Story::paper(), "2025-03-01T09:00:00Z"), kLater);
  CHECK(report.signatures.empty());
  CHECK(report.indication == Indication::indeterminate);
}
