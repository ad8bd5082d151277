// PDFs of eight producers, signed twice: both signatures must be passed, and other programs agree.
#include "base/json.h"
#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;

namespace {

const std::string kSamples = TSP_SOURCE_DIR "/tests/data/pdf/";

std::vector<std::string> signable() {
  std::vector<std::string> out;
  const Bytes text = read_file(kSamples + "expected.json", 1 << 20);
  for (const Json& entry : parse_json(text, "expected.json"))
    if (entry.at("signable").get<bool>()) out.push_back(entry.at("file").get<std::string>());
  return out;
}

}  // namespace

TEST_CASE("a second signature leaves the first passed in files of every producer") {
  const Story story;
  for (const std::string& name : signable()) {
    INFO(name);
    const Bytes once =
        story.anna_signs(read_file(kSamples + name, 1 << 20), "2025-03-01T10:00:00Z");
    const auto report =
        story.report(story.bert_signs(once, "2025-03-01T11:00:00Z"), "2025-03-02T00:00:00Z");
    REQUIRE(report.signatures.size() == 2);
    for (const auto& signature : report.signatures) {
      INFO((signature.findings.empty() ? "" : signature.findings.front().detail));
      CHECK(verdict_of(signature.indication, signature.sub_indication) == "TOTAL-PASSED");
    }
    CHECK(report.signatures[0].modifications == "allowed");
  }
}

TEST_CASE("pdfsig and openssl agree with a passed signature") {
  const Story story;
  const Folder folder;
  const Bytes contract = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z", Stamped::yes);
  const std::string path = folder.put("contract.pdf", contract);
  CHECK_THAT(run("pdfsig '" + path + "'").output, ContainsSubstring("Signature is Valid"));

  const auto found = pdf::inspect(test::jail(), open_for_reading(path), path);
  const auto& entry = found.signatures.at(0);
  const ByteView whole(contract);
  Bytes content = to_bytes(whole.first(entry.byte_range->first_end));
  append(content, whole.subspan(entry.byte_range->second_begin));
  folder.put("content", content);
  folder.put("cms.der", entry.contents);
  folder.put("root.pem", as_bytes(story.root().certificate().pem()));
  const Answer answer =
      run("openssl cms -verify -cades -binary -inform DER -in '" + folder.file("cms.der") +
          "' -content '" + folder.file("content") + "' -CAfile '" + folder.file("root.pem") +
          "' -purpose any -no_check_time -out /dev/null");
  INFO(answer.output);
  CHECK(answer.status == 0);
}
