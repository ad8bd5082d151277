// What the inspection says, held against what is known of the files.
#include "base/error.h"
#include "base/json.h"
#include "pdf/codec.h"
#include "pdf/parsers.h"
#include "samples.h"
#include "signing.h"
#include "support/catch.h"
#include "support/tampering.h"

namespace tsp::pdf::test {
namespace {

Inspection inspect_path(const std::string& path) {
  const Fd file = open_for_reading(path);
  return inspect(jail(), file, "document.pdf");
}
Inspection inspect_data(const std::string& name) {
  return inspect_path(data_path(name));
}

TEST_CASE("pages, version, encryption and empty fields are what expected.json says") {
  for (const Json& entry : parse_json(contents_of(data_path("expected.json")), "expected.json")) {
    if (!entry.at("signable").get<bool>()) continue;
    const std::string name = entry.at("file").get<std::string>();
    INFO(name);
    const Inspection found = inspect_data(name);
    CHECK(found.pages == entry.at("pages").get<int>());
    CHECK(found.version == entry.at("pdf_version").get<std::string>());
    CHECK(found.encrypted == entry.at("encrypted").get<bool>());
    CHECK_FALSE(found.damaged);
    CHECK(found.signatures.empty());
    std::vector<std::string> expected, empty;
    for (const Json& field : entry.at("fields"))
      if (field.at("type").get<std::string>() == "signature")
        expected.push_back(field.at("name").get<std::string>());
    for (const EmptyField& field : found.empty_fields) empty.push_back(field.name);
    CHECK(empty == expected);
  }
}

TEST_CASE("revisions end behind their end marks") {
  CHECK(inspect_data("classic-xref.pdf").revisions.size() == 1);
  CHECK(inspect_data("qpdf-linearized.pdf").revisions.size() == 1);
  CHECK(inspect_data("qpdf-linearized-objstm.pdf").revisions.size() == 1);
  CHECK(inspect_data("hybrid.pdf").revisions.size() == 1);
  for (const std::string name : {"two-revisions-table.pdf", "two-revisions-xref-stream.pdf"}) {
    const Inspection found = inspect_data(name);
    REQUIRE(found.revisions.size() == 2);
    const std::string text(as_text(contents_of(data_path(name))));
    CHECK(found.revisions[0].end == text.find("%%EOF") + 6);
    CHECK(found.revisions[1].end == text.size());
  }
  const Inspection trailing = inspect_data("trailing-bytes.pdf");
  CHECK(trailing.revisions.back().end < trailing.size);
}

TEST_CASE("locks of empty fields are read") {
  const auto lock = inspect_data("form-lock-include.pdf").empty_fields.at(0).lock;
  REQUIRE(lock);
  CHECK(lock->action == FieldLock::Action::include);
  CHECK(lock->fields == std::vector<std::string>{"name"});
  CHECK(inspect_data("form-lock-all.pdf").empty_fields.at(0).lock->action ==
        FieldLock::Action::all);
  CHECK_FALSE(inspect_data("form-signature.pdf").empty_fields.at(0).lock);
  CHECK(inspect_data("form-signature.pdf").empty_fields.at(0).page == 1);
  CHECK(inspect_data("form-signature.pdf").empty_fields.at(0).width > 0);
}

TEST_CASE("a password that is needed is said to be needed") {
  CHECK(failure([] { inspect_data("qpdf-encrypted-user-password.pdf"); }) ==
        "policy-refused / cannot read document.pdf: a password is needed to open it");
}

TEST_CASE("a signature's gap is exactly its /Contents, in every kind of file") {
  const Folder folder;
  for (const std::string name : {"classic-xref.pdf", "hybrid.pdf", "xref-stream.pdf",
                                 "header-offset.pdf", "qpdf-encrypted-aes256.pdf"}) {
    INFO(name);
    const Signed done = sign(data_path(name), folder / name);
    const Inspection found = inspect_path(done.path);
    REQUIRE(found.signatures.size() == 1);
    const SignatureEntry& entry = found.signatures[0];
    REQUIRE(entry.byte_range);
    CHECK(entry.byte_range->covers(found.size, entry.gap_begin, entry.gap_end));
    CHECK(entry.contents.size() == 4096);
    CHECK(entry.contents[0] == 0x30);
    CHECK(found.revisions.back().end == entry.byte_range->file_end);
  }
}

TEST_CASE("what a signature says of itself is read as it was ordered, encrypted or not") {
  const Folder folder;
  for (const std::string name : {"classic-xref.pdf", "qpdf-encrypted-aes128.pdf",
                                 "qpdf-encrypted-aes128-objstm.pdf", "qpdf-encrypted-aes256.pdf"}) {
    INFO(name);
    SignatureOrder order;
    order.name = "Zoë Ångström";
    order.reason = "approval (final)";
    order.location = "Αθήνα";
    order.contact = "zoe@example.org";
    order.date = from_rfc3339("2026-11-21T09:30:00Z");
    sign(data_path(name), folder / "signed.pdf", order);
    const SignatureEntry entry = inspect_path(folder / "signed.pdf").signatures.at(0);
    CHECK(entry.name == order.name);
    CHECK(entry.reason == order.reason);
    CHECK(entry.location == order.location);
    CHECK(entry.contact == order.contact);
    CHECK(entry.date == "D:20261121093000Z");
    CHECK(entry.filter == "Adobe.PPKLite");
    CHECK(entry.sub_filter == "ETSI.CAdES.detached");
    CHECK(entry.type == "Sig");
    CHECK_FALSE(entry.visible);
    CHECK(entry.page == 1);
    CHECK_FALSE(entry.has_cert_key);
  }
}

TEST_CASE("unsound byte ranges are reported as written and not believed") {
  for (const std::string name :
       {"byterange-negative.pdf", "byterange-beyond-end.pdf", "byterange-overlapping.pdf",
        "byterange-int64-overflow.pdf", "byterange-two-numbers.pdf", "byterange-starts-late.pdf",
        "byterange-not-numbers.pdf", "byterange-gap-elsewhere.pdf"}) {
    INFO(name);
    const Inspection found = inspect_data("bad/" + name);
    REQUIRE(found.signatures.size() == 1);
    CHECK_FALSE(found.signatures[0].byte_range);
  }
}

TEST_CASE("a /Contents that is no clean hex string has no gap") {
  for (const SignatureEntry& entry : inspect_data("bad/signature-contents-odd.pdf").signatures)
    CHECK(entry.gap_end == 0);
}

TEST_CASE("a second /Contents in the same dictionary leaves no gap to believe") {
  const Folder folder;
  sign(data_path("classic-xref.pdf"), folder / "signed.pdf");
  std::string text(as_text(contents_of(folder / "signed.pdf")));
  const std::size_t at = text.find("/ByteRange [0");
  REQUIRE(at == std::string::npos);
  const std::size_t range = text.find("/ByteRange[0");
  const std::size_t padding = text.find("    ", range);
  text.replace(padding, 15, "/Con#74ents<00>");
  folder.write("signed.pdf", text);
  CHECK(inspect_path(folder / "signed.pdf").signatures.at(0).gap_end == 0);
}

TEST_CASE("a repaired file is called damaged, and why") {
  const Inspection found = inspect_data("bad/no-startxref.pdf");
  CHECK(found.damaged);
  CHECK(found.damage == "it has no startxref near its end");
  CHECK(found.pages == 1);
}

TEST_CASE("a hostile answer is refused") {
  const Inspection found = inspect_data("form-lock-include.pdf");
  const Bytes sound = encode(found);
  CHECK(decode_inspection(sound).empty_fields.at(0).name == "Signature1");
  for (std::size_t size = 0; size < sound.size(); ++size)
    CHECK(failure([&] { decode_inspection(ByteView(sound).first(size)); }) ==
          "bad-input / cannot read the document: the parser's answer is malformed");
  Bytes longer = sound;
  longer.push_back(0);
  CHECK(failure([&] { decode_inspection(longer); }) != "none");
  for (std::size_t i = 0; i < sound.size(); ++i) {
    Bytes flipped = sound;
    flipped[i] = 0xff;
    const std::string why = failure([&] { decode_inspection(flipped); });
    CHECK((why == "none" || why.rfind("bad-input", 0) == 0));
  }
}

TEST_CASE("a parser gives the same without the jail") {
  const Fd file = open_for_reading(data_path("form-lock-all.pdf"));
  const Inspection found = accept_inspection(file, "x", inspect_parser(file.get(), as_bytes("x")));
  CHECK(encode(found) == encode(inspect(jail(), file, "x")));
}

// "octets@revision" of each.
std::string told(const std::vector<DssItem>& items) {
  std::string out;
  for (const DssItem& item : items)
    out += (out.empty() ? "" : " ") + std::string(as_text(item.octets)) + "@" +
           std::to_string(item.revision);
  return out;
}

TEST_CASE("the document security store is read") {
  const Folder folder;
  const std::string path =
      folder.write("dss.pdf", with_dss({{"Certs", "one"}, {"Certs", "two"}, {"CRLs", "three"}}));
  const auto dss = inspect_path(path).dss;
  REQUIRE(dss);
  CHECK(told(dss->certificates) == "one@0 two@0");
  CHECK(told(dss->crls) == "three@0");
  CHECK(dss->ocsp_responses.empty());
  CHECK_FALSE(inspect_data("classic-xref.pdf").dss);
}

using tsp::test::revised;
using tsp::test::stream;

TEST_CASE("each item of the security store tells the revision that wrote it") {
  const Folder folder;
  const auto store = [](const std::string& lists) {
    return "<</Type/Catalog/Pages 2 0 R/DSS<<" + lists + ">>>>";
  };
  const auto read = [&](const Bytes& file) {
    return inspect_path(folder.write("dss.pdf", std::string(as_text(file)))).dss.value();
  };
  const Bytes first = contents_of(data_path("classic-xref.pdf"));
  const Bytes second =
      revised(first, {{1, store("/Certs[50 0 R]")}, {50, stream("one")}, {60, "3"}});
  const Bytes third = revised(second, {{1, store("/Certs[50 0 R 51 0 R 52 0 R]/CRLs[50 0 R]")},
                                       {51, stream("two")},
                                       {52, "<</Length 60 0 R>>stream\nsix\nendstream"}});
  CHECK(told(read(second).certificates) == "one@1");
  CHECK(told(read(third).certificates) == "one@1 two@2 six@2");
  CHECK(told(read(third).crls) == "one@1");
  SECTION("an item that is written again is as old as its last content") {
    CHECK(told(read(revised(third, {{50, stream("new")}})).certificates) == "new@3 two@2 six@2");
  }
  SECTION("one whose length was written again is as old as that") {
    CHECK(told(read(revised(third, {{60, "3"}})).certificates) == "one@1 two@2 six@3");
  }
  SECTION("one that an earlier table promised is as old as its octets") {
    std::string text(as_text(third));
    const auto entry = [&](std::size_t from) {
      return text.find(" 00000 n", text.find("\n50 1\n", from)) - 10;
    };
    const std::size_t later = text.rfind("51 0 obj");
    text.replace(entry(0), 10, fmt::format("{:010}", later));
    text.replace(text.rfind("51 0 obj"), 8, "50 0 obj");
    CHECK(told(read(to_bytes(as_bytes(text))).certificates).rfind("two@2", 0) == 0);
  }
}

TEST_CASE("what the security store says of one signature is kept apart and read once") {
  const Folder folder;
  const Bytes file =
      revised(contents_of(data_path("classic-xref.pdf")),
              {{1,
                "<</Type/Catalog/Pages 2 0 R/DSS<</Certs[50 0 R 50 0 R]/VRI<</AB12<</Cert[50 0 R"
                " 51 0 R]/CRL[52 0 R]>>>>>>>>"},
               {50, stream("one")},
               {51, stream("two")},
               {52, stream("three")}});
  const Dss dss = inspect_path(folder.write("dss.pdf", std::string(as_text(file)))).dss.value();
  CHECK(told(dss.certificates) == "one@1 two@1");
  REQUIRE(dss.vri.size() == 1);
  CHECK(dss.vri[0].key == "AB12");
  CHECK(dss.vri[0].certificates == std::vector<std::uint64_t>{0, 1});
  CHECK(dss.vri[0].crls == std::vector<std::uint64_t>{0});
}

// A parser that was taken over by what it parsed.
template <std::size_t revision, std::uint64_t index>
Bytes lying_parser(int file, ByteView request, const jail::More&) {
  Inspection found = decode_inspection(inspect_parser(file, request));
  found.dss = Dss{{{{1}, revision}}, {}, {}, {{"AB", {index}, {}, {}}}};
  return encode(found);
}

TEST_CASE("items of the security store in revisions that are not there are refused") {
  const Fd file = open_for_reading(data_path("classic-xref.pdf"));
  const auto answer = [&](jail::Parser parser) {
    const auto liar = jail::Jail::start({parser});
    return failure([&] { inspect(*liar, file, "x.pdf"); });
  };
  const std::string refused =
      "bad-input / cannot read x.pdf: the parser's answer does not fit the file";
  CHECK(answer(lying_parser<0, 0>) == "none");
  CHECK(answer(lying_parser<1, 0>) == refused);
  CHECK(answer(lying_parser<0, 1>) == refused);
}

TEST_CASE("a security store that is too large is refused by its object") {
  const Folder folder;
  const std::string path = folder.write(
      "dss.pdf", with_dss({{"Certs", "one"}, {"CRLs", std::string(std::size_t{13} << 20, '0')}}));
  CHECK(failure([&] { inspect_path(path); }) ==
        "bad-input / cannot read document.pdf: the CRL in object 5 brings its security store over "
        "12 MiB");
}

// Octets all over small files in turn become something else. Whatever comes of it, the parser
// neither crashes nor does what it may not.
TEST_CASE("no changed octet makes the parsers crash") {
  const Folder folder;
  sign(data_path("form-lock-include.pdf"), folder / "signed.pdf", [] {
    SignatureOrder order;
    order.contents_size = 1000;
    order.field = "Signature1";
    return order;
  }());
  const std::string replacements = "<[(/0 \xff";
  std::size_t step = 0;
  for (const std::string& path : {folder / "signed.pdf", data_path("hybrid.pdf"),
                                  data_path("qpdf-encrypted-aes128-objstm.pdf")}) {
    std::string text(as_text(contents_of(path)));
    for (std::size_t i = 0; i < text.size(); i += 41) {
      const char old = text[i];
      text[i] = replacements[++step % replacements.size()];
      const Fd file = open_for_reading(folder.write("changed.pdf", text));
      SignatureOrder order;
      order.contents_size = 100;
      const std::string inspected = failure([&] { inspect(jail(), file, "x.pdf"); });
      const std::string prepared = failure([&] { prepare(jail(), file, "x.pdf", order); });
      INFO(path << " at " << i << ": " << inspected << "; " << prepared);
      CHECK(is_ordinary(inspected));
      CHECK(is_ordinary(prepared));
      text[i] = old;
    }
  }
}

}  // namespace
}  // namespace tsp::pdf::test
