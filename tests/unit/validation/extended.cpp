// What other programs append to a signed document is not called a change.
#include "pdf/store_revision.h"
#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;

namespace {

constexpr std::string_view kThen = "2026-11-30T12:00:00Z";  // README.md tells why

Bytes extended_file(const std::string& name) {
  return read_file(TSP_SOURCE_DIR "/tests/data/pdf-extended/" + name, 1 << 20);
}

validation::Context context() {
  validation::Context out;
  out.at = at(kThen);
  out.anchors.add(x509::Certificate::all_from_pem(as_text(extended_file("root.pem"))).at(0));
  out.evidence.crls.push_back(x509::Crl::from_der(extended_file("root.crl")));
  return out;
}

// The document with another revision that adds these to its security store.
Bytes stored(const Bytes& document, const Bytes& certificate, const Bytes& crl) {
  const Folder folder;
  const std::string path = folder.put("document.pdf", document);
  pdf::StoreOrder order;
  order.certificates = {certificate};
  order.crls = {crl};
  order.entries = {{"00112233445566778899AABBCCDDEEFF00112233", {0}, {}, {0}}};
  Bytes out = document;
  append(out, pdf::add_to_store(test::jail(), open_for_reading(path), path, order).octets);
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
      const auto report = story.report(extended_file(std::string(row.name) + ".pdf"), known);
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

TEST_CASE("what we add for the long term is evidence and time-stamps and nothing else") {
  const Story story;
  for (const char* name :
       {"classic-xref", "xref-stream", "hybrid", "pdftex-1.5", "qpdf-linearized-objstm",
        "qpdf-encrypted-aes128-objstm", "form-lock-all", "libreoffice-pdfa2b"}) {
    INFO(name);
    Bytes document = story.anna_signs(
        read_file(TSP_SOURCE_DIR "/tests/data/pdf/" + std::string(name) + ".pdf", 1 << 20),
        "2025-03-01T10:00:00Z");
    const std::uint64_t signed_size = document.size();
    for (const char* time : {"2025-03-01T12:00:00Z", "2025-04-01T12:00:00Z"}) {
      document =
          stored(document, story.issuing().certificate().der(), story.crl_of_issuing(at(time)));
      document = story.stamps(document, time);
    }
    const Folder folder;
    const std::string path = folder.put("document.pdf", document);
    const auto changes =
        pdf::changes_after(test::jail(), open_for_reading(path), path, signed_size);
    CHECK(changes.size() >= 4);
    for (const pdf::Change& change : changes) {
      INFO(change.what << " of object " << change.object);
      CHECK((change.kind == pdf::ChangeKind::validation_data ||
             change.kind == pdf::ChangeKind::document_timestamp));
    }
  }
}
