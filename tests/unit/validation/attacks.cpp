// What was done to a document after it was signed. Nothing here may come out as TOTAL-PASSED
// unless a signature tolerates it; every attack has an untouched sibling that does.
#include "base/error.h"
#include "moments.h"
#include "support/catch.h"
#include "support/pki_story.h"
#include "support/tampering.h"
#include "validation/format_checking.h"

using namespace tsp;
using namespace tsp::test;
using validation::Indication;

namespace {

// Objects of the hand-made files: 1 catalog, 3 page, 4 its content, 5 information, 6 font.
constexpr int kCatalog = 1, kPage = 3, kContent = 4, kInformation = 5, kFree = 90;

Bytes file(const std::string& name) {
  return read_file(TSP_SOURCE_DIR "/tests/data/pdf/" + name, 1 << 20);
}
Bytes plain() {
  return file("classic-xref.pdf");
}

struct Told {
  std::string verdict, modifications, coverage;
  validation::SignatureResult first;
};
Told told(const Story& story, ByteView document) {
  const auto report = story.report(document, kLater);
  REQUIRE_FALSE(report.signatures.empty());
  const auto& first = report.signatures.front();
  return {verdict_of(first.indication, first.sub_indication), first.modifications, first.coverage,
          first};
}

const std::string kUndetermined = "INDETERMINATE SIG_CONSTRAINTS_FAILURE";

}  // namespace

TEST_CASE("the untouched siblings are passed") {
  const Story story;
  for (const char* name : {"classic-xref.pdf", "acroform-indirect.pdf", "form-lock-all.pdf"})
    CHECK(told(story, story.anna_signs(file(name), kSigned)).verdict == "TOTAL-PASSED");
}

TEST_CASE("replaced page content is not passed") {
  const Story story;
  const Bytes contract = story.anna_signs(plain(), kSigned);
  const auto seen =
      told(story, revised(contract, {{kContent, stream("BT /F1 14 Tf 72 760 Td (Other) Tj ET")}}));
  CHECK(seen.verdict == kUndetermined);
  CHECK(seen.modifications == "unexpected");
  CHECK(seen.coverage == "revision");
  CHECK(has_finding(seen.first, "pdf.changed-after-signing"));
}

TEST_CASE("a page that takes other content is not passed") {
  const Story story;
  const Bytes contract = story.anna_signs(plain(), kSigned);
  const auto page = replaced(body_of(contract, kPage), "/Contents 4 0 R", "/Contents 90 0 R");
  CHECK(told(story, revised(contract, {{kPage, page}, {kFree, stream("BT ET")}})).verdict ==
        kUndetermined);
}

TEST_CASE("a replaced font is not passed") {
  const Story story;
  const Bytes contract = story.anna_signs(plain(), kSigned);
  CHECK(told(story, revised(contract, {{6, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"}}))
            .verdict == kUndetermined);
}

TEST_CASE("a document that acts when it is opened is not passed") {
  const Story story;
  const Bytes contract = story.anna_signs(plain(), kSigned);
  const auto catalog = replaced(body_of(contract, kCatalog), "<<",
                                "<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>");
  CHECK(told(story, revised(contract, {{kCatalog, catalog}})).verdict == kUndetermined);
}

TEST_CASE("a new catalog number is not passed") {
  const Story story;
  const Bytes contract = story.anna_signs(plain(), kSigned);
  Bytes other = revised(contract, {{kFree, body_of(contract, kCatalog)}});
  std::string text(as_text(other));
  const std::size_t at = text.rfind("/Root 1 0 R");
  text.replace(at, 11, "/Root 90 0 R");
  CHECK(told(story, to_bytes(as_bytes(text))).verdict == kUndetermined);
}

TEST_CASE("validation data and information may follow a signature") {
  const Story story;
  const Bytes contract = story.anna_signs(plain(), kSigned);
  const Bytes certificate = story.issuing().certificate().der();
  const auto catalog = replaced(body_of(contract, kCatalog), "<<", "<</DSS<</Certs[90 0 R]>>");
  const auto seen =
      told(story, revised(contract, {{kCatalog, catalog},
                                     {kInformation, "<</Title(Another title)>>"},
                                     {kFree, stream(std::string(as_text(certificate)))}}));
  CHECK(seen.verdict == "TOTAL-PASSED");
  CHECK(seen.modifications == "allowed");
  CHECK(has_finding(seen.first, "pdf.changes-allowed"));
}

TEST_CASE("shadow attack: content that poses as validation data is not passed") {
  const Story story;
  const std::string before = body_of(plain(), kPage);
  SECTION("the page's list of contents is the store's list of certificates") {
    const Bytes prepared =
        revised(plain(), {{kPage, replaced(before, "/Contents 4 0 R", "/Contents 80 0 R")},
                          {80, "[4 0 R]"},
                          {kCatalog, "<</Type/Catalog/Pages 2 0 R/DSS<</Certs 80 0 R>>>>"}});
    const Bytes contract = story.anna_signs(prepared, kSigned);
    REQUIRE(told(story, contract).verdict == "TOTAL-PASSED");
    CHECK(told(story, revised(contract, {{80, "[4 0 R 90 0 R]"}, {kFree, stream("BT ET")}}))
              .verdict == kUndetermined);
  }
  SECTION("the page refers to an object that is not there yet") {
    // In an object of its own: signing writes the page anew, where some versions of qpdf put null.
    const Bytes prepared = revised(
        plain(),
        {{kPage, replaced(before, "/Contents 4 0 R", "/Contents 80 0 R")}, {80, "[4 0 R 90 0 R]"}});
    const Bytes contract = story.anna_signs(prepared, kSigned);
    REQUIRE(told(story, contract).verdict == "TOTAL-PASSED");
    const auto catalog = replaced(body_of(contract, kCatalog), "<<", "<</DSS<</Certs[90 0 R]>>");
    CHECK(told(story, revised(contract, {{kCatalog, catalog}, {kFree, stream("BT ET")}})).verdict ==
          kUndetermined);
  }
  SECTION("the page's content is the document's metadata") {
    const Bytes prepared =
        revised(plain(), {{kCatalog, "<</Type/Catalog/Pages 2 0 R/Metadata 4 0 R>>"}});
    const Bytes contract = story.anna_signs(prepared, kSigned);
    REQUIRE(told(story, contract).verdict == "TOTAL-PASSED");
    CHECK(told(story, revised(contract, {{kContent, stream("BT ET")}})).verdict == kUndetermined);
  }
}

TEST_CASE("an annotation added to a page is not passed") {
  const Story story;
  const std::string note = "<</Type/Annot/Subtype/FreeText/Rect[0 0 595 842]/Contents(Void)>>";
  const auto annotated = [&](const Bytes& contract) {
    std::string page = body_of(contract, kPage);
    page.insert(page.find(']', page.find("/Annots")), " 90 0 R");
    return revised(contract, {{kPage, page}, {kFree, note}});
  };
  CHECK(told(story, annotated(story.anna_signs(plain(), kSigned))).verdict == kUndetermined);
  SECTION("and a certification that forbids it says so") {
    Story::Wish wish{&story.anna(), at(kSigned)};
    wish.certification = 2;
    const auto seen = told(story, annotated(story.sign(plain(), wish)));
    CHECK(seen.verdict == "TOTAL-FAILED FORMAT_FAILURE");
    CHECK(has_finding(seen.first, "pdf.change-forbidden"));
  }
  SECTION("and one that allows it leaves to a person what may hide the content") {
    Story::Wish wish{&story.anna(), at(kSigned)};
    wish.certification = 3;
    CHECK(told(story, annotated(story.sign(plain(), wish))).verdict == kUndetermined);
  }
}

TEST_CASE("filling in a form field is tolerated unless the signature forbids it") {
  const Story story;
  const auto filled = [](const Bytes& contract) {
    return revised(contract, {{7, replaced(body_of(contract, 7), "(Ines Calloway)", "(Mallory)")}});
  };
  Story::Wish wish{&story.anna(), at(kSigned)};
  SECTION("an ordinary signature") {
    const auto seen = told(story, filled(story.sign(file("acroform-indirect.pdf"), wish)));
    CHECK(seen.verdict == "TOTAL-PASSED");
    CHECK(seen.modifications == "allowed");
  }
  SECTION("a certification of 1") {
    wish.certification = 1;
    CHECK(told(story, filled(story.sign(file("acroform-indirect.pdf"), wish))).verdict ==
          "TOTAL-FAILED FORMAT_FAILURE");
  }
  SECTION("a lock of all fields") {
    wish.field = "Signature1";
    CHECK(told(story, filled(story.sign(file("form-lock-all.pdf"), wish))).verdict ==
          "TOTAL-FAILED FORMAT_FAILURE");
  }
  SECTION("a lock of other fields") {
    wish.field = "Signature1";
    CHECK(told(story, filled(story.sign(file("form-lock-exclude.pdf"), wish))).verdict ==
          "TOTAL-FAILED FORMAT_FAILURE");
  }
  SECTION("a field that gets an action besides") {
    const Bytes contract = story.sign(file("acroform-indirect.pdf"), wish);
    const auto field = replaced(body_of(contract, 7), "/FT/Tx", "/FT/Tx/AA<</K 90 0 R>>");
    CHECK(
        told(story, revised(contract, {{7, field}, {kFree, "<</S/JavaScript/JS(1)>>"}})).verdict ==
        kUndetermined);
  }
  SECTION("a field that moves") {
    const Bytes contract = story.sign(file("acroform-indirect.pdf"), wish);
    const auto field = replaced(body_of(contract, 7), "/Rect[150", "/Rect[ 50");
    CHECK(told(story, revised(contract, {{7, field}})).verdict == kUndetermined);
  }
}

TEST_CASE("the appearance of a signature cannot be changed by the next revision") {
  const Story story;
  Story::Wish wish{&story.anna(), at(kSigned)};
  wish.field = "Signature1";
  const Bytes contract = story.sign(file("acroform-indirect.pdf"), wish);
  const auto field = replaced(body_of(contract, 9), "/FT", "/AP<</N 90 0 R>>/FT");
  CHECK(told(story,
             revised(contract, {{9, field}, {kFree, stream("", "/Subtype/Form/BBox[0 0 9 9]")}}))
            .verdict == kUndetermined);
}

TEST_CASE("a signature in an empty field is tolerated unless it covers much of the page") {
  const Story story;
  const auto bert_signs_in = [&](const std::string& box) {
    const Bytes form = file("acroform-indirect.pdf");
    const auto field = replaced(body_of(form, 9), "/Rect[150 580 400 660]", "/Rect" + box);
    Story::Wish wish{&story.bert(), at(kSigned)};
    wish.field = "Signature1";
    return story.sign(story.anna_signs(revised(form, {{9, field}, {93, "500"}}), kSigned), wish);
  };
  CHECK(told(story, bert_signs_in("[150 580 400 660]")).verdict == "TOTAL-PASSED");
  for (const char* box : {"[0 0 300 500]", "[0 0 300 93 0 R]", "[0 0 300]"})
    CHECK(told(story, bert_signs_in(box)).verdict == kUndetermined);
}

TEST_CASE("octets behind the last revision are not passed") {
  const Story story;
  Bytes contract = story.anna_signs(plain(), kSigned);
  SECTION("but white space is") {
    append(contract, as_bytes("\r\n\n"));
    CHECK(told(story, contract).verdict == "TOTAL-PASSED");
  }
  SECTION("anything else") {
    append(contract, as_bytes("and more"));
    CHECK(told(story, contract).verdict == kUndetermined);
  }
}

TEST_CASE("a flipped bit in the signed stretches is a hash failure") {
  const Story story;
  const Bytes contract = story.anna_signs(plain(), kSigned);
  const auto text = as_text(contract);
  SECTION("in the page's content") {
    Bytes other = contract;
    other[text.find("Classic cross")] ^= 1;
    const auto seen = told(story, other);
    CHECK(seen.verdict == "TOTAL-FAILED HASH_FAILURE");
    CHECK(has_finding(seen.first, "crypto.hash-differs"));
  }
  SECTION("anywhere: never passed, and a hash failure where the file can still be read") {
    const Folder folder;
    const auto found = pdf::inspect(
        test::jail(), open_for_reading(folder.put("contract.pdf", contract)), "contract.pdf");
    const pdf::ByteRange range = found.signatures.at(0).byte_range.value();
    int hash_failures = 0, others = 0;
    for (std::size_t i = 0; i < contract.size(); i += 7) {
      if (i >= range.first_end && i < range.second_begin) continue;
      Bytes other = contract;
      other[i] ^= static_cast<std::uint8_t>(1 << (i % 8));
      try {
        const std::string verdict = story.verdict(other, kLater);
        INFO("octet " << i);
        CHECK(verdict != "TOTAL-PASSED");
        (verdict == "TOTAL-FAILED HASH_FAILURE" ? hash_failures : others)++;
      } catch (const Error& error) {
        CHECK((error.fault == Fault::bad_input || error.fault == Fault::policy_refused));
      }
    }
    CHECK(hash_failures > others);
  }
}

TEST_CASE("a changed signature value is a cryptographic failure") {
  const Story story;
  Bytes contract = story.anna_signs(plain(), kSigned);
  const Folder folder;
  const auto found = pdf::inspect(
      test::jail(), open_for_reading(folder.put("contract.pdf", contract)), "contract.pdf");
  const auto& entry = found.signatures.at(0);
  const Bytes value = cms::parse(entry.contents).signers.at(0).signature;
  const auto place =
      std::search(entry.contents.begin(), entry.contents.end(), value.begin(), value.end());
  REQUIRE(place != entry.contents.end());
  // The last octet of s, as two hex digits behind '<'.
  const auto last = static_cast<std::size_t>(place - entry.contents.begin()) + value.size() - 1;
  auto& digit = contract[static_cast<std::size_t>(entry.gap_begin) + 1 + 2 * last + 1];
  digit = digit == '0' ? '1' : '0';
  CHECK(told(story, contract).verdict == "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST_CASE("something hidden in the padding of Contents is a format failure") {
  const Story story;
  Bytes contract = story.anna_signs(plain(), kSigned);
  const Folder folder;
  const auto found = pdf::inspect(
      test::jail(), open_for_reading(folder.put("contract.pdf", contract)), "contract.pdf");
  contract[static_cast<std::size_t>(found.signatures.at(0).gap_end) - 3] = '7';
  const auto seen = told(story, contract);
  CHECK(seen.verdict == "TOTAL-FAILED FORMAT_FAILURE");
  CHECK(has_finding(seen.first, "pdf.contents-padding"));
}

TEST_CASE("signature wrapping: a widened gap is a format failure") {
  const Story story;
  const Bytes contract = story.anna_signs(plain(), kSigned);
  const Folder folder;
  const auto found = pdf::inspect(
      test::jail(), open_for_reading(folder.put("contract.pdf", contract)), "contract.pdf");
  const pdf::ByteRange range = found.signatures.at(0).byte_range.value();
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  const Bytes widened = overwritten(contract, "[0 " + number(range.first_end) + " ",
                                    "[0 " + number(range.first_end - 8) + " ");
  const auto seen = told(story, widened);
  CHECK(seen.verdict == "TOTAL-FAILED FORMAT_FAILURE");
  CHECK(has_finding(seen.first, "pdf.byte-range-gap"));
}

TEST_CASE("what else is no signature's shape is a format failure") {
  const Story story;
  const Folder folder;
  const auto found =
      pdf::inspect(test::jail(),
                   open_for_reading(folder.put("contract.pdf", story.anna_signs(plain(), kSigned))),
                   "contract.pdf");
  pdf::SignatureEntry entry = found.signatures.at(0);
  REQUIRE(validation::check_format(entry).conclusion.passed());
  std::string finding;
  SECTION("a range that does not begin with 0") {
    entry.byte_range.reset();
    finding = "pdf.byte-range";
  }
  SECTION("no hex string where the dictionary stands") {
    entry.gap_begin = entry.gap_end = 0;
    finding = "pdf.contents-not-hex";
  }
  SECTION("a gap that leaves out the angle brackets") {
    entry.byte_range->first_end += 1;
    finding = "pdf.byte-range-gap";
  }
  SECTION("an unknown SubFilter") {
    entry.sub_filter = "adbe.x509.rsa_sha1";
    finding = "pdf.sub-filter";
  }
  SECTION("an unknown type") {
    entry.type = "Signature";
    finding = "pdf.sub-filter";
  }
  SECTION("a Cert key") {
    entry.has_cert_key = true;
    finding = "pdf.cert-key";
  }
  SECTION("no CMS") {
    entry.contents = {1, 2, 3};
    finding = "cms.malformed";
  }
  SECTION("an empty Contents") {
    entry.contents.clear();
    finding = "cms.malformed";
  }
  SECTION("a time-stamp token in a signature's place") {
    entry.contents = story.token_over(as_bytes("x"), crypto::HashAlgorithm::sha256, at(kSigned));
    finding = "cms.content";
  }
  SECTION("a signature in a document time-stamp's place") {
    entry.type = "DocTimeStamp";
    entry.sub_filter = "ETSI.RFC3161";
    finding = "cms.content-type";
  }
  const auto checked = validation::check_format(entry);
  CHECK(checked.conclusion.sub == validation::Sub::format_failure);
  CHECK(checked.conclusion.finding == finding);
}
