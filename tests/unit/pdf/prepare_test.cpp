// Fields, locks, certification, appearances: what a revision does and what it refuses.
#include <chrono>
#include <thread>

#include "base/error.h"
#include "samples.h"
#include "signing.h"
#include "support/catch.h"

namespace tsp::pdf::test {
namespace {

struct PrepareFixture {
  Folder folder;
  int made = 0;

  Inspection inspect_path(const std::string& path) const {
    const Fd file = open_for_reading(path);
    return inspect(jail(), file, "document.pdf");
  }
  // Signs and gives the new file's path.
  std::string signed_with(const std::string& from, SignatureOrder order = {}) {
    const std::string to = folder / (std::to_string(++made) + ".pdf");
    sign(from, to, std::move(order));
    return to;
  }
  std::string refusal(const std::string& from, SignatureOrder order = {}) {
    std::string why = failure([&] { signed_with(from, std::move(order)); });
    return why.substr(0, why.find(" / ")) + ":" + why.substr(why.rfind(": ") + 1);
  }
};

SignatureOrder into(const std::string& field) {
  SignatureOrder order;
  order.field = field;
  return order;
}
SignatureOrder certifying(int permissions) {
  SignatureOrder order;
  order.certification = permissions;
  return order;
}
SignatureOrder time_stamp() {
  SignatureOrder order;
  order.type = "DocTimeStamp";
  order.sub_filter = "ETSI.RFC3161";
  return order;
}
SignatureOrder visible(int page, double x, double y, double width, double height) {
  SignatureOrder order;
  order.placement = Placement{page, x, y, width, height};
  order.appearance = one_page_pdf(width, height);
  return order;
}

TEST_CASE_METHOD(PrepareFixture, "an existing empty field is filled") {
  for (const std::string name :
       {"form-signature.pdf", "form-signature-xref-stream.pdf", "acroform-direct.pdf",
        "acroform-indirect.pdf", "qpdf-pdf-2.0.pdf", "qpdf-encrypted-aes256.pdf"}) {
    INFO(name);
    const std::string done = signed_with(data_path(name), into("Signature1"));
    const Inspection found = inspect_path(done);
    CHECK(found.empty_fields.empty());
    REQUIRE(found.signatures.size() == 1);
    CHECK(found.signatures[0].field == "Signature1");
    CHECK(pdfsig(done).valid == 1);
    CHECK(qpdf_check(done) == qpdf_check(data_path(name)));
  }
}

TEST_CASE_METHOD(PrepareFixture,
                 "a field deep in the form, and one apart from its widget, are filled") {
  const std::string one =
      signed_with(data_path("form-field-hierarchy.pdf"), into("party.provider"));
  const std::string two = signed_with(one, into("party.customer"));
  const Inspection found = inspect_path(two);
  REQUIRE(found.signatures.size() == 2);
  CHECK(found.signatures[0].field == "party.provider");
  CHECK(found.signatures[0].visible);
  CHECK(found.signatures[1].field == "party.customer");
  CHECK_FALSE(found.signatures[1].visible);
  CHECK(pdfsig(two).valid == 1);  // poppler 22.12 does not look for /V above a widget
  REQUIRE(found.signatures[1].byte_range);
  CHECK(found.signatures[1].byte_range->covers(found.size, found.signatures[1].gap_begin,
                                               found.signatures[1].gap_end));
}

TEST_CASE_METHOD(PrepareFixture, "a new field gets the name that was asked for, or a free one") {
  const std::string one = signed_with(data_path("form-signature.pdf"), into("Über"));
  CHECK(inspect_path(one).signatures.at(0).field == "Über");
  const std::string two = signed_with(one);
  CHECK(inspect_path(two).signatures.at(1).field == "Signature2");
}

TEST_CASE_METHOD(PrepareFixture, "a field that cannot be signed is refused by name") {
  const std::string form = data_path("form-signature.pdf");
  CHECK(refusal(form, into("name")) == "already-exists: its field name is not one for signatures");
  CHECK(refusal(signed_with(form, into("Signature1")), into("Signature1")) ==
        "already-exists: its field Signature1 is signed already");
  CHECK(refusal(data_path("form-field-hierarchy.pdf"), into("party")) ==
        "already-exists: other fields stand below the name party");
  CHECK(refusal(form, into("a.b")) ==
        "bad-input: the name of a new field may not contain a full stop");
}

TEST_CASE_METHOD(PrepareFixture, "a lock becomes the signature's FieldMDP and then binds") {
  const std::string all = signed_with(data_path("form-lock-all.pdf"), into("Signature1"));
  REQUIRE(inspect_path(all).signatures.at(0).field_mdp);
  CHECK(inspect_path(all).signatures[0].field_mdp->action == FieldLock::Action::all);
  CHECK(refusal(all) ==
        "policy-refused: the signature in field Signature1 locked the field Signature2");

  const std::string some = signed_with(data_path("form-lock-include.pdf"), into("Signature1"));
  CHECK(inspect_path(some).signatures[0].field_mdp->fields == std::vector<std::string>{"name"});
  CHECK(pdfsig(signed_with(some)).valid == 2);

  const std::string others = signed_with(data_path("form-lock-exclude.pdf"), into("Signature1"));
  CHECK(refusal(others, into("place2")) ==
        "policy-refused: the signature in field Signature1 locked the field place2");
  CHECK(pdfsig(others).valid == 1);
}

TEST_CASE_METHOD(PrepareFixture, "a lock that allows no changes closes the document") {
  std::string text(as_text(contents_of(data_path("form-lock-include.pdf"))));
  text.insert(text.find("/Action"), "/P 1");
  const std::string path = folder.write(
      "lock.pdf",
      rebuilt_table(text.substr(0, text.find("xref\n")), text.substr(text.find("trailer"))));
  const std::string done = signed_with(path, into("Signature1"));
  CHECK(inspect_path(done).signatures.at(0).certification == 1);
  CHECK_FALSE(inspect_path(done).certification);
  CHECK(refusal(done) == "policy-refused: an earlier signature allows no changes");
}

TEST_CASE_METHOD(PrepareFixture, "a document time-stamp is added under a lock, too") {
  const std::string all = signed_with(data_path("form-lock-all.pdf"), into("Signature1"));
  const Inspection found = inspect_path(signed_with(all, time_stamp()));
  REQUIRE(found.signatures.size() == 2);
  CHECK(found.signatures[1].type == "DocTimeStamp");
  CHECK(found.signatures[1].sub_filter == "ETSI.RFC3161");
  CHECK(found.signatures[1].field == "Timestamp1");
}

TEST_CASE_METHOD(PrepareFixture, "a certification is the first signature and says what it allows") {
  for (const int permissions : {1, 2, 3}) {
    const std::string done = signed_with(data_path("agreement.pdf"), certifying(permissions));
    const Inspection found = inspect_path(done);
    CHECK(found.certification == permissions);
    CHECK(found.signatures.at(0).certification == permissions);
    CHECK(pdfsig(done).valid == 1);
  }
  const std::string plain = signed_with(data_path("agreement.pdf"));
  CHECK_FALSE(inspect_path(plain).certification);
  CHECK(refusal(plain, certifying(2)) ==
        "policy-refused: it is signed already, and a certification must be the first signature");
}

TEST_CASE_METHOD(PrepareFixture, "what a certification forbids is refused") {
  const std::string closed = signed_with(data_path("agreement.pdf"), certifying(1));
  CHECK(refusal(closed) == "policy-refused: an earlier signature allows no changes");
  CHECK(inspect_path(signed_with(closed, time_stamp())).signatures.size() == 2);

  const std::string forms = signed_with(data_path("agreement.pdf"), certifying(2));
  CHECK(pdfsig(signed_with(forms)).valid == 2);
  CHECK(refusal(forms, visible(1, 10, 10, 100, 40)) ==
        "policy-refused: an earlier signature allows no new visible field");
  const std::string comments = signed_with(data_path("agreement.pdf"), certifying(3));
  CHECK(pdfsig(signed_with(comments, visible(1, 10, 10, 100, 40))).valid == 2);
}

TEST_CASE_METHOD(PrepareFixture, "an XFA form is refused") {
  std::string text(as_text(contents_of(data_path("form-signature.pdf"))));
  const std::size_t at = text.find("/Fields");
  REQUIRE(at != std::string::npos);
  text.insert(at, "/XFA[(template) 4 0 R]");
  const std::size_t xref = text.find("xref\n");
  text = rebuilt_table(text.substr(0, xref), text.substr(text.find("trailer")));
  const std::string path = folder.write("xfa.pdf", text);
  CHECK(inspect_path(path).has_xfa);
  CHECK(refusal(path) ==
        "policy-refused: it has an XFA form, which viewers draw anew over the signature");
}

TEST_CASE_METHOD(PrepareFixture, "a field whose value is not there does not get ours") {
  std::string text(as_text(contents_of(data_path("form-signature.pdf"))));
  const std::size_t at = text.find("/FT/Sig");
  REQUIRE(at != std::string::npos);
  const std::size_t xref = text.find("xref\n");
  for (int number = 6; number < 45; ++number) {  // those a revision would take are among them
    std::string changed = text.substr(0, xref);
    changed.insert(at, "/V " + std::to_string(number) + " 0 R ");
    const std::string path =
        folder.write("dangling.pdf", rebuilt_table(changed, text.substr(text.find("trailer"))));
    const Inspection before = inspect_path(path);
    if (before.empty_fields.size() != 1) continue;  // the number is an object's
    SignatureOrder order;
    order.field = "Mine";
    const Inspection found = inspect_path(signed_with(path, order));
    REQUIRE(found.signatures.size() == 1);
    CHECK(found.signatures.front().field == "Mine");
    CHECK(found.empty_fields.size() == 1);
  }
}

TEST_CASE_METHOD(PrepareFixture, "a visible signature stands where it was placed, upright") {
  for (const std::string name : {"classic-xref.pdf", "rotate-90.pdf", "rotate-270-inherited.pdf",
                                 "cropbox-offset.pdf", "mediabox-inherited.pdf", "cairo.pdf",
                                 "qpdf-encrypted-aes128.pdf", "qpdf-object-streams.pdf"}) {
    INFO(name);
    const std::string done = signed_with(data_path(name), visible(1, 30, 40, 120, 60));
    CHECK(pdfsig(done).valid == 1);
    CHECK(qpdf_check(done) == qpdf_check(data_path(name)));
    // one_page_pdf() is black in its lower left quarter and grey elsewhere.
    const Raster raster = rendered(done, folder / "page");
    CHECK(raster.at(30 + 30, 40 + 15) == 0);
    CHECK(raster.at(30 + 90, 40 + 15) == 128);
    CHECK(raster.at(30 + 30, 40 + 45) == 128);
    CHECK(raster.at(30 + 118, 40 + 58) == 128);
    CHECK(raster.at(30 + 118, 40 + 64) != 128);
    CHECK(raster.at(30 + 124, 40 + 58) != 128);
  }
}

TEST_CASE_METHOD(PrepareFixture, "an appearance fills the place of an existing field") {
  SignatureOrder order = into("party.provider");
  order.appearance = one_page_pdf(100, 50);
  const std::string done = signed_with(data_path("form-field-hierarchy.pdf"), order);
  const EmptyField field = inspect_path(data_path("form-field-hierarchy.pdf")).empty_fields.at(0);
  const Raster raster = rendered(done, folder / "page");
  CHECK(raster.at(field.x + field.width / 4, field.y + field.height / 4) == 0);
  CHECK(raster.at(field.x + field.width * 3 / 4, field.y + field.height / 4) == 128);
}

TEST_CASE_METHOD(PrepareFixture, "a box that is not on the page, and a page that is not there") {
  const std::string one = data_path("classic-xref.pdf");
  CHECK(refusal(one, visible(2, 10, 10, 10, 10)) == "bad-input: it has no page 2, only 1");
  CHECK(refusal(one, visible(1, 590, 10, 10, 10)) ==
        "bad-input: its box is not on the page, which is 595 by 842 points");
  CHECK(refusal(one, visible(1, 10, 10, 0, 10)) ==
        "bad-input: its box is not on the page, which is 595 by 842 points");
}

TEST_CASE_METHOD(PrepareFixture, "old encryption is kept up, too") {
  for (const std::string how : {"40", "128 --use-aes=n", "128 --use-aes=y --cleartext-metadata"}) {
    INFO(how);
    const std::string in = folder / "encrypted.pdf";
    REQUIRE(run("qpdf --allow-weak-crypto --encrypt '' owner " + how + " -- " +
                data_path("form-signature.pdf") + " " + in)
                .status == 0);
    SignatureOrder order = visible(1, 30, 40, 120, 60);
    order.reason = "Zustimmung für alle";
    const std::string done = signed_with(in, order);
    CHECK(pdfsig(done).valid == 1);
    CHECK(qpdf_check(done) == qpdf_check(in));
    CHECK(inspect_path(done).signatures.at(0).reason == order.reason);
    CHECK(rendered(done, folder / "page").at(60, 55) == 0);
  }
}

TEST_CASE_METHOD(PrepareFixture, "a thousand pages are no trouble") {
  const std::string path = folder.write("many.pdf", many_pages(1000));
  const std::string done = signed_with(path, visible(1000, 30, 40, 120, 60));
  const Inspection found = inspect_path(done);
  CHECK(found.pages == 1000);
  CHECK(found.signatures.at(0).page == 1000);
  CHECK(pdfsig(done).valid == 1);
}

// Reading all of it would cost the parser more time and memory than it has.
TEST_CASE_METHOD(PrepareFixture, "a revision of a 32 GB file is planned without reading it all") {
  const std::string path = folder / "large.pdf";
  write_large_pdf(path, std::uint64_t{32} << 30);
  const Fd file = open_for_reading(path);
  SignatureOrder order;
  order.contents_size = 4096;
  const PreparedRevision revision = prepare(jail(), file, "large.pdf", order);
  CHECK(revision.octets.size() < 20000);
}

TEST_CASE_METHOD(PrepareFixture, "a file over 4 GB gets offsets that are wide enough") {
  const std::string path = folder / "huge.pdf";
  write_large_pdf(path, (std::uint64_t{4} << 30) + 1000);
  const Fd file = open_for_reading(path);
  SignatureOrder order;
  order.contents_size = 100;
  const PreparedRevision revision = prepare(jail(), file, "huge.pdf", order);
  CHECK(revision.byte_range.first_end > (std::uint64_t{4} << 30));
}

TEST_CASE_METHOD(PrepareFixture, "a signature that does not fit its hole is refused") {
  const Fd file = open_for_reading(data_path("classic-xref.pdf"));
  SignatureOrder order;
  order.contents_size = 10;
  PreparedRevision revision = prepare(jail(), file, "classic-xref.pdf", order);
  CHECK(failure([&] { fill(revision, Bytes(11)); }).rfind("failed / ", 0) == 0);
  fill(revision, *from_hex("0aff"));
  const std::string text(as_text(revision.octets));
  CHECK(text.find("/Contents<0AFF0000000000000000>") != std::string::npos);
}

TEST_CASE_METHOD(PrepareFixture, "an order that makes no sense is refused") {
  const Fd file = open_for_reading(data_path("classic-xref.pdf"));
  const auto refused = [&](SignatureOrder order) {
    return failure([&] { prepare(jail(), file, "x.pdf", order); }).rfind("usage / ", 0) == 0;
  };
  SignatureOrder order;
  CHECK(refused(order));  // no room
  order.contents_size = 100;
  order.type = "Sig/X";
  CHECK(refused(order));
  order.type = "Sig";
  order.sub_filter = "a>>b";
  CHECK(refused(order));
  order.sub_filter = "ETSI.CAdES.detached";
  order.certification = 4;
  CHECK(refused(order));
}

// The jail reads while it is found out what the signature says.
TEST_CASE_METHOD(PrepareFixture, "a document is read before anybody says what is signed") {
  const Fd file = open_for_reading(data_path("classic-xref.pdf"));
  SignatureOrder order;
  order.contents_size = 100;
  order.reason = "late";
  Preparation first(jail(), file, "x.pdf"), dropped(jail(), file, "x.pdf");
  Preparation second(jail(), file, "x.pdf");
  CHECK(inspect(jail(), file, "x.pdf").pages > 0);
  dropped = std::move(second);
  const PreparedRevision revision = first.finish(order);
  CHECK(as_text(revision.octets).find("late") != std::string::npos);
  order.reason = "other";
  CHECK(as_text(dropped.finish(order).octets).find("other") != std::string::npos);
}

TEST_CASE_METHOD(PrepareFixture, "what is wrong with a document is told whenever the order comes") {
  SignatureOrder order;
  order.contents_size = 100;
  for (const auto pause : {0, 100}) {
    const auto told = [&](const std::string& name, Damaged damaged) {
      const Fd file = open_for_reading(data_path(name));
      Preparation preparation(jail(), file, "x.pdf", damaged);
      std::this_thread::sleep_for(std::chrono::milliseconds(pause));
      return failure([&] { preparation.finish(order); });
    };
    CHECK(told("bad/no-startxref.pdf", Damaged::refuse) ==
          "bad-input / cannot sign x.pdf: it is damaged: it has no startxref near its end");
    CHECK(told("bad/no-startxref.pdf", Damaged::allow) == "none");
  }
}

TEST_CASE_METHOD(PrepareFixture, "a reason full of PDF syntax stays text") {
  SignatureOrder order;
  order.reason = "a)>>endobj(\\ <</ByteRange[0 1 2 3]>> %";
  const std::string done = signed_with(data_path("classic-xref.pdf"), order);
  CHECK(inspect_path(done).signatures.at(0).reason == order.reason);
  CHECK(pdfsig(done).valid == 1);
}

}  // namespace
}  // namespace tsp::pdf::test
