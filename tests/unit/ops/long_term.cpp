// What makes documents last, at its limits: tokens that no room was made for, files with ten
// thousand signatures, lists that are too large to be kept.
#include "ops/long_term.h"

#include <ctime>

#include "base/error.h"
#include "ops/signed_file.h"
#include "support/catch.h"
#include "support/fixed_clock.h"
#include "support/revocation.h"
#include "support/story_tsa.h"

using namespace tsp;
using namespace tsp::test;

namespace {

constexpr std::string_view kSignedAt = "2025-03-01T10:00:00Z", kExtendedOn = "2025-03-02T00:00:00Z";
constexpr const char* kTsa = "http://tsa.example/";

const Story& long_term_story() {
  static const Story made;
  return made;
}

Holder ballast(std::size_t size) {
  return Holder({"Ballast", {{"nsComment", std::string(size, 'x')}}}, long_term_story().root());
}

// Of long_term_story().
StoryTsa near_tsa(StoryTsa::Chains chains) {
  return {long_term_story(), kExtendedOn, std::move(chains)};
}

struct LongTermDesk {
  explicit LongTermDesk(net::Fetcher& tsa)
      : world{clock, &test::jail(), &tsa, "system", "", std::chrono::seconds(1)} {
    options.tsa_urls = {kTsa};
    options.authorities = {long_term_story().root().certificate()};
  }
  FixedClock clock{at(kExtendedOn)};
  ops::World world;
  ops::LongTermOptions options;
  Folder folder;

  // The document with document time-stamps over it, written in the end.
  pdf::Inspection stamped(ops::LongTerm& long_term, int times) {
    const std::string in = folder.put("in.pdf", Story::paper()), out = folder.file("out.pdf");
    const Fd original = open_for_reading(in);
    OutputFile file(out, Existing::replace);
    ops::GrowingFile document(&file, out);
    document.begin(original, size_of(original, in));
    for (int i = 0; i < times; ++i)
      long_term.add_timestamp(document, crypto::HashAlgorithm::sha256);
    document.keep();
    return pdf::inspect(test::jail(), open_for_reading(out), out);
  }
};

}  // namespace

TEST_CASE("a token that is larger than its room gets another one, once") {
  const Holder large = ballast(20'000);
  StoryTsa tsa = near_tsa({{large.certificate()}});
  LongTermDesk desk(tsa);
  ops::LongTerm long_term(nullptr, desk.world, desk.options);
  const pdf::Inspection seen = desk.stamped(long_term, 2);
  CHECK(tsa.count == 3);  // the second document knows from the first
  REQUIRE(seen.signatures.size() == 2);
  CHECK(seen.signatures[1].byte_range->file_end == seen.size);
  for (const pdf::SignatureEntry& each : seen.signatures) {
    const cms::Token token = cms::parse_token(each.contents);
    CHECK(cms::verify_token(token).tsu);
    CHECK(token.der.size() > 20'000);
  }
}

TEST_CASE("a TSA whose tokens grow each time is left, and says why") {
  StoryTsa tsa = near_tsa({{ballast(20'000).certificate()},
                           {ballast(40'000).certificate()},
                           {ballast(60'000).certificate()}});
  LongTermDesk desk(tsa);
  ops::LongTerm long_term(nullptr, desk.world, desk.options);
  try {
    desk.stamped(long_term, 1);
    FAIL("stamped");
  } catch (const Error& error) {
    CHECK(error.fault == Fault::evidence_missing);
    CHECK(error.why == "each token was larger than the one before");
  }
  CHECK_FALSE(exists(desk.folder.file("out.pdf")));
}

TEST_CASE("evidence for ten thousand signatures is searched once") {
  StoryTsa tsa = near_tsa({{}});
  LongTermDesk desk(tsa);
  const Bytes document = long_term_story().anna_signs(Story::paper(), kSignedAt, Stamped::yes);
  const std::string path = desk.folder.put("signed.pdf", document);
  pdf::Inspection inspection = pdf::inspect(test::jail(), open_for_reading(path), path);
  const pdf::SignatureEntry entry = inspection.signatures.at(0);
  inspection.signatures.assign(10'000, entry);
  for (std::size_t i = 0; i < inspection.signatures.size(); ++i)
    inspection.signatures[i].field = "Signature" + std::to_string(i);

  ops::LongTerm long_term(nullptr, desk.world, desk.options);
  const std::clock_t began = std::clock();
  ops::EvidenceCollector collector(long_term.library());
  const Time made = at("2025-03-01T23:00:00Z");
  collector.at_hand().add(x509::Crl::from_der(long_term_story().crl_of_issuing(made)));
  collector.at_hand().add(x509::Crl::from_der(long_term_story().crl_of_root(made)));
  ops::SignedFile file(inspection, document, collector);
  CHECK(file.signatures() == 10'000);
  CHECK(file.level() == ops::Level::b_t);
  const auto found = long_term.collect(collector, file.needs());
  const double seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  CHECK(found.all.crls.size() == 2);
  CHECK(found.all.certificates.size() == 4);  // Anna, the unit, the issuing authority, the root
  INFO(seconds << " s");
#ifndef TSP_SANITIZED
  CHECK(seconds < 30);
#endif
}

TEST_CASE("a document time-stamp of something else proves nothing to an extension") {
  StoryTsa tsa = near_tsa({{}});
  LongTermDesk desk(tsa);
  const Bytes honest = long_term_story().at_level("B-LTA", long_term_story().anna(), "2025-03-01");
  const auto seen = [&](Bytes document) {
    const std::string path = desk.folder.put("archived.pdf", document);
    const pdf::Inspection inspection = pdf::inspect(test::jail(), open_for_reading(path), path);
    ops::LongTerm long_term(nullptr, desk.world, desk.options);
    ops::EvidenceCollector collector(long_term.library());
    const ops::SignedFile file(inspection, document, collector);
    return std::pair(std::string(name_of(file.level())), file.warnings());
  };
  CHECK(seen(honest) == std::pair(std::string("B-LTA"), std::vector<std::string>()));
  Bytes foreign = honest;
  foreign.back() ^= '\r' ^ '\n';  // within the range of the last time-stamp
  const auto [level, warnings] = seen(foreign);
  CHECK(level == "B-LT");
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], ContainsSubstring("is of something else"));
}

TEST_CASE("a time-stamp of another signature proves nothing to an extension") {
  StoryTsa tsa = near_tsa({{}});
  LongTermDesk desk(tsa);
  const Story& story = long_term_story();
  Story::Wish wish{&story.anna(), at(kSignedAt), Stamped::yes};
  wish.forged_stamp = [&](ByteView) {
    return story.token_over(as_bytes("another"), wish.hash, wish.time);
  };
  const Bytes document = story.sign(Story::paper(), wish);
  const std::string path = desk.folder.put("signed.pdf", document);
  const pdf::Inspection inspection = pdf::inspect(test::jail(), open_for_reading(path), path);
  ops::LongTerm long_term(nullptr, desk.world, desk.options);
  ops::EvidenceCollector collector(long_term.library());
  const ops::SignedFile file(inspection, document, collector);
  CHECK(file.needs_timestamp());
  CHECK(file.level() == ops::Level::b_b);
  REQUIRE(file.warnings().size() == 1);
  CHECK_THAT(file.warnings()[0], ContainsSubstring("is of something else"));
}
