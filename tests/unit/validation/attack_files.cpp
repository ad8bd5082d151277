// Attacks as files: tests/support/attacks makes them of documents that are signed here, and each
// must get the verdict that is its name. Everybody's signature is sound; what was done to the
// documents is not, unless the name says "passed".
#include <filesystem>

#include "base/error.h"
#include "moments.h"
#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;

namespace {

namespace fs = std::filesystem;

const std::string kAttacks = TSP_SOURCE_DIR "/tests/data/pdf";

Bytes attack(const std::string& name) {
  return read_file(kAttacks + "/" + name + ".pdf", 1 << 20);
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& each : fs::directory_iterator(folder))
    out.push_back(each.path().stem().string());
  std::sort(out.begin(), out.end());
  return out;
}

// Made once: the signed documents and what became of them.
class Files {
 public:
  Files() {
    fs::create_directory(folder_.file("signed"));
    folder_.put("signed/evidence.der", story_.issuing().certificate().der());
    sign_samples();
    generate("prepare '" + kAttacks + "' '" + folder_.file("prepared") + "'");
    for (const std::string& name : names_in(folder_.file("prepared"))) sign_prepared(name);
    generate("attack '" + folder_.file("signed") + "' '" + folder_.file("made") + "'");
    names = names_in(folder_.file("made"));
  }
  Bytes get(const std::string& name) const { return stamped(folder_.get("made/" + name + ".pdf")); }
  const Story& story() const { return story_; }
  std::vector<std::string> names;

 private:
  void put(const std::string& name, const Bytes& document) {
    folder_.put("signed/" + name + ".pdf", document);
  }

  void generate(const std::string& arguments) {
    const Answer answer =
        run("python3 '" TSP_SOURCE_DIR "/tests/support/attacks/make.py' " + arguments);
    INFO(answer.output);
    REQUIRE(answer.status == 0);
  }

  // With a token over the document where stamps.py left words in place of a byte range.
  Bytes stamped(const Bytes& made) const {
    std::string text(as_text(made));
    const std::size_t range = text.find("[0 AAAAAAAAAA BBBBBBBBBB CCCCCCCCCC]");
    if (range == std::string::npos) return made;
    const std::size_t begin = text.find('<', text.find("/Contents", range)),
                      end = text.find('>', begin) + 1;
    const std::string written = "[0 " + std::to_string(begin) + " " + std::to_string(end) + " " +
                                std::to_string(text.size() - end) + "]";
    text.replace(range, 36, written + std::string(36 - written.size(), ' '));
    const std::string token =
        to_hex(story_.token_over(as_bytes(text.substr(0, begin) + text.substr(end)),
                                 crypto::HashAlgorithm::sha256, at(kSigned)));
    REQUIRE(token.size() < end - begin - 2);
    text.replace(begin + 1, token.size(), token);
    return to_bytes(as_bytes(text));
  }

  // Into the field with the lock where there is one, certified where the name says so.
  void sign_prepared(const std::string& name) {
    Story::Wish wish{&story_.anna(), at(kSigned)};
    if (name.rfind("lock-", 0) == 0) wish.field = "Signature1";
    wish.allow_damaged = name.rfind("damaged-", 0) == 0;
    if (name.rfind("certified-", 0) == 0) wish.certification = name[10] - '0';
    put(name, story_.sign(folder_.get("prepared/" + name + ".pdf"), wish));
  }

  void sign_samples() {
    Story::Wish wish{&story_.anna(), at(kSigned)};
    const std::pair<const char*, const char*> plain[] = {{"plain", "classic-xref"},
                                                         {"streams", "xref-stream"},
                                                         {"hybrid", "hybrid"},
                                                         {"linearised", "qpdf-linearized"},
                                                         {"object-streams", "pdftex-1.5"}};
    for (const auto& [name, from] : plain) put(name, story_.sign(attack(from), wish));
    put("twice", story_.bert_signs(story_.anna_signs(attack("classic-xref"), kSigned), kSigned));
    put("time-stamped", story_.stamps(story_.anna_signs(attack("classic-xref"), kSigned), kSigned));
    for (int level = 1; level <= 3; ++level) {
      wish.certification = level;
      put("certified-" + std::to_string(level), story_.sign(attack("acroform-indirect"), wish));
    }
    wish.certification.reset();
    wish.field = "Signature1";
    put("form", story_.sign(attack("acroform-indirect"), wish));
    for (const char* kind : {"all", "include", "exclude"})
      put(std::string("lock-") + kind, story_.sign(attack(std::string("form-lock-") + kind), wish));
  }

  const Story story_;
  const Folder folder_;
};

const Files& files() {
  static const Files made;
  return made;
}

// The word in front of the dot, as a verdict.
std::string expected_of(const std::string& name) {
  std::string word = name.substr(0, name.find('.'));
  if (word == "passed") return "TOTAL-PASSED";
  if (word == "failed-format-failure") return "TOTAL-FAILED FORMAT_FAILURE";
  if (word == "failed-hash-failure") return "TOTAL-FAILED HASH_FAILURE";
  if (word == "indeterminate-sig-constraints-failure")
    return "INDETERMINATE SIG_CONSTRAINTS_FAILURE";
  return word;
}

struct Seen {
  std::string verdict, findings;
  std::size_t warnings = 0;
};

Seen look_at(const std::string& name) {
  Seen out;
  try {
    const auto report = files().story().report(files().get(name), kLater);
    out.verdict = verdict_of(report.indication, report.sub_indication);
    const auto add = [&](const std::vector<validation::Finding>& findings) {
      for (const auto& each : findings) {
        if (each.severity != validation::Severity::info) ++out.warnings;
        out.findings += each.id + ": " + each.detail + "\n";
      }
    };
    add(report.findings);
    for (const auto& each : report.signatures) add(each.findings);
  } catch (const Error& error) {
    REQUIRE((error.fault == Fault::bad_input || error.fault == Fault::policy_refused));
    out = {"refused", error.why, 1};
  }
  return out;
}

}  // namespace

TEST_CASE("each attack file gets the verdict that it is named after") {
  for (const std::string& name : files().names) {
    DYNAMIC_SECTION(name) {
      const Seen seen = look_at(name);
      const std::string expected = expected_of(name);
      INFO(seen.findings);
      if (expected == "not-passed")
        CHECK(seen.verdict != "TOTAL-PASSED");
      else
        CHECK(seen.verdict == expected);
      CHECK((seen.warnings == 0) == (expected == "TOTAL-PASSED"));
    }
  }
}

TEST_CASE("visible signatures that cover half of a page together are left to a person") {
  Bytes document = files().get("passed.untouched-tiled-signatures");
  for (const char* field : {"tile60", "tile61", "tile62"}) {
    CHECK(files().story().verdict(document, kLater) == "TOTAL-PASSED");
    Story::Wish wish{&files().story().bert(), at(kSigned)};
    wish.field = field;
    document = files().story().sign(document, wish);
  }
  const auto report = files().story().report(document, kLater);
  REQUIRE(report.signatures.size() == 4);
  // Behind the second, two of the five parts were signed.
  const std::string open = "INDETERMINATE SIG_CONSTRAINTS_FAILURE";
  const auto of = [&](std::size_t i) {
    return verdict_of(report.signatures[i].indication, report.signatures[i].sub_indication);
  };
  CHECK(of(0) == open);
  CHECK(of(1) == "TOTAL-PASSED");
  CHECK(verdict_of(report.indication, report.sub_indication) == open);
}

TEST_CASE("there are at least sixty attack files, and siblings") {
  const auto& names = files().names;
  const auto passed = std::count_if(names.begin(), names.end(), [](const std::string& name) {
    return expected_of(name) == "TOTAL-PASSED";
  });
  CHECK(passed >= 20);
  CHECK(static_cast<long>(names.size()) - passed >= 60);
}
