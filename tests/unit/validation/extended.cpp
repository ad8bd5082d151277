// What other programs append to a signed document is not called a change.
#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;

namespace {

constexpr std::string_view kThen = "2026-11-30T12:00:00Z";  // README.md tells why

Bytes data(const std::string& name) {
  return read_file(TSP_SOURCE_DIR "/tests/data/pdf-extended/" + name, 1 << 20);
}

validation::Context context() {
  validation::Context out;
  out.at = at(kThen);
  out.anchors.add(x509::Certificate::all_from_pem(as_text(data("root.pem"))).at(0));
  out.evidence.crls.push_back(x509::Crl::from_der(data("root.crl")));
  return out;
}

}  // namespace

TEST_CASE("documents that other programs extended stay passed") {
  struct Row {
    const char* name;
    std::size_t signatures;
    const char* modifications;  // of the first
  };
  const Row rows[] = {
      {"pyhanko-signed", 1, "none"},
      {"pyhanko-signed-streams", 1, "none"},
      {"pyhanko-long-term", 1, "allowed"},
      {"pyhanko-archived-streams", 1, "allowed"},
      {"pyhanko-archived-again", 1, "allowed"},
      {"pyhanko-linearised-archived", 1, "allowed"},
      {"pyhanko-linearised-streams-archived", 1, "allowed"},
      {"pyhanko-twice-invisible", 2, "allowed"},
      {"pyhanko-twice-visible", 2, "allowed"},
      {"pyhanko-certified", 1, "allowed"},
      {"pymupdf-filled-certified", 1, "allowed"},
      {"pymupdf-filled", 1, "allowed"},
      {"pymupdf-information", 1, "allowed"},
      {"pymupdf-xmp", 1, "allowed"},
      {"pypdf-filled", 1, "allowed"},
  };
  const Story story;
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      validation::Context known = context();
      const auto report = story.report(data(std::string(row.name) + ".pdf"), known);
      REQUIRE(report.signatures.size() == row.signatures);
      for (const auto& each : report.signatures) {
        for (const auto& finding : each.findings)
          UNSCOPED_INFO(finding.id << ": " << finding.detail);
        CHECK(verdict_of(each.indication, each.sub_indication) == "TOTAL-PASSED");
      }
      CHECK(report.signatures.front().modifications == row.modifications);
    }
  }
}
