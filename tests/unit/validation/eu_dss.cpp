// Files laid out as EU DSS lays them out: judged as what they are, and extended by us without
// losing anything that stands there.
#include "support/eu_dss.h"

#include "crypto/der.h"
#include "moments.h"
#include "pdf/store_revision.h"
#include "support/catch.h"

using namespace tsp;
using namespace tsp::test;
namespace der = tsp::crypto::der;

namespace {

constexpr std::string_view kDecades = "2036-03-01T00:00:00Z";

const Story& dss_story() {
  static const Story made;
  return made;
}

Story::Wish anna_of_dss() {
  return {&dss_story().anna(), at(kSigned), Stamped::yes};
}

// Signed, kept and archived; archived again ten years later where `times` is 2.
EuDss archived(const EuDssShape& shape, int times) {
  EuDss out(dss_story(), shape);
  out.sign(anna_of_dss());
  out.keep("2025-03-01T10:05:00Z");
  out.stamp("2025-03-01T10:10:00Z");
  if (times < 2) return out;
  out.keep("2035-06-01T10:05:00Z");
  out.stamp("2035-06-01T10:10:00Z", &dss_story().other_unit());
  return out;
}

void check(const validation::Report& report, std::string_view level, std::string_view verdict) {
  REQUIRE(report.signatures.size() == 1);
  for (const auto& finding : report.signatures[0].findings)
    UNSCOPED_INFO(finding.id << ": " << finding.detail);
  CHECK(verdict_of(report.indication, report.sub_indication) == verdict);
  CHECK(report.signatures[0].level == level);
  CHECK(report.signatures[0].modifications != "unexpected");
}

pdf::Inspection inspected(const Bytes& document) {
  const Folder folder;
  const Fd file = open_for_reading(folder.put("document.pdf", document));
  return pdf::inspect(test::jail(), file, "document.pdf");
}

// The CMS with a further unsigned attribute, put in front of those that it has.
Bytes with_unsigned(ByteView cms, std::string_view type, const Bytes& value) {
  const auto members = [](ByteView content) { return der::children(content).value(); };
  const auto joined = [](const std::vector<der::Element>& all, std::size_t but) {
    Bytes out;
    for (std::size_t i = 0; i < but; ++i) append(out, all[i].whole);
    return out;
  };
  const auto outer = members(der::first(cms)->content);
  const auto data = members(der::first(outer.at(1).content)->content);
  const auto signer = members(der::first(data.back().content)->content);
  std::vector<Bytes> attributes{der::sequence(der::oid(type), der::set_of({value}))};
  const bool has_some = signer.back().tag == der::context(1);
  if (has_some)
    for (const auto& each : members(signer.back().content))
      attributes.push_back(to_bytes(each.whole));
  const Bytes info = der::sequence(joined(signer, signer.size() - (has_some ? 1 : 0)),
                                   der::set_of(attributes, der::context(1)));
  const Bytes signed_data = der::sequence(joined(data, data.size() - 1), der::set_of({info}));
  return der::sequence(joined(outer, 1), der::tlv(der::context(0), signed_data));
}

}  // namespace

TEST_CASE("every shape of security store is read, proven and passed") {
  for (const EuDssShape& shape : eu_dss_shapes()) {
    INFO(shape.name);
    EuDss kept(dss_story(), shape);
    kept.sign(anna_of_dss());
    kept.keep("2025-03-01T10:05:00Z");
    check(dss_story().report(kept.document(), kLater, Evidence::none), "B-LT", "TOTAL-PASSED");
    const EuDss once = archived(shape, 1);
    check(dss_story().report(once.document(), kLater, Evidence::none), "B-LTA", "TOTAL-PASSED");
    check(dss_story().report(once.document(), kDecades), "B-LTA",
          "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED");
    const EuDss twice = archived(shape, 2);
    check(dss_story().report(twice.document(), kDecades), "B-LTA", "TOTAL-PASSED");
    const auto found = inspected(twice.document());
    REQUIRE(found.dss);
    CHECK(found.dss->certificates.size() == 5);
    CHECK(found.dss->crls.size() == 6);
    CHECK(found.dss->vri.size() == (shape.entries ? 2U : 0U));
  }
}

TEST_CASE("a store of every shape keeps what it holds when we add to it") {
  for (const EuDssShape& shape : eu_dss_shapes()) {
    INFO(shape.name);
    Bytes document = archived(shape, 1).document();
    const auto before = inspected(document);
    const Folder folder;
    pdf::StoreOrder order;
    order.certificates = {dss_story().other_unit().certificate().der(),
                          dss_story().clara().certificate().der()};
    order.crls = {dss_story().crl_of_issuing(at("2035-06-01T10:05:00Z")),
                  dss_story().crl_of_root(at("2035-06-01T10:05:00Z"))};
    order.entries = {{pdf::vri_key(before.signatures.at(0).contents), {1}, {}, {0, 1}}};
    const auto revision =
        pdf::add_to_store(test::jail(), open_for_reading(folder.put("document.pdf", document)),
                          "document.pdf", order);
    CHECK(revision.added == 3);
    append(document, revision.octets);
    document = dss_story().stamps(document, "2035-06-01T10:10:00Z", &dss_story().other_unit());
    const auto after = inspected(document);
    REQUIRE(after.dss);
    CHECK(after.dss->certificates.size() == before.dss->certificates.size() + 1);
    CHECK(after.dss->crls.size() == before.dss->crls.size() + 2);
    CHECK(after.dss->vri.size() == std::max<std::size_t>(1, before.dss->vri.size()));
    check(dss_story().report(document, kDecades), "B-LTA", "TOTAL-PASSED");
  }
}

TEST_CASE("revisions of document time-stamps alone") {
  EuDss file(dss_story(), eu_dss_shapes().at(1));
  file.sign(anna_of_dss());
  file.stamp("2025-03-01T11:00:00Z");
  file.stamp("2025-03-01T12:00:00Z", &dss_story().other_unit());
  const auto report = dss_story().report(file.document(), kLater);
  check(report, "B-T", "TOTAL-PASSED");
  CHECK(report.signatures[0].timestamps.size() == 3);

  SECTION("in a document that nobody signed there is nothing to pass") {
    EuDss unsigned_file(dss_story(), eu_dss_shapes().at(1));
    unsigned_file.stamp("2025-03-01T11:00:00Z");
    unsigned_file.keep("2025-03-01T11:05:00Z");
    unsigned_file.stamp("2025-03-01T11:10:00Z");
    const auto told = dss_story().report(unsigned_file.document(), kLater);
    CHECK(told.signatures.empty());
    CHECK(told.indication == validation::Indication::indeterminate);
    REQUIRE(told.findings.size() == 1);
    CHECK(told.findings[0].id == "no-signature");
  }
}

TEST_CASE("a signature of PKCS #7 with further unsigned attributes is judged as what it is") {
  for (const bool cades : {true, false}) {
    INFO((cades ? "ETSI.CAdES.detached" : "adbe.pkcs7.detached"));
    Story::Wish wish = anna_of_dss();
    if (!cades) wish.sub_filter = "adbe.pkcs7.detached";
    wish.closing = [](const Bytes& cms) {
      const Bytes values = der::sequence(dss_story().issuing().certificate().der());
      Bytes out = with_unsigned(cms, "1.2.840.113549.1.9.16.2.23", values);  // certificate-values
      const Bytes lists = der::sequence(
          der::tlv(der::context(0), der::sequence(dss_story().crl_of_root(at(kSigned)))));
      out = with_unsigned(out, "1.2.840.113549.1.9.16.2.24", lists);  // revocation-values
      return with_unsigned(out, "1.2.3.4.5", der::utf8("nobody knows what this is"));
    };
    EuDss file(dss_story(), eu_dss_shapes().at(2));
    file.sign(wish);
    const auto report = dss_story().report(file.document(), kLater);
    check(report, cades ? "B-T" : "none", "TOTAL-PASSED");
    CHECK(report.signatures[0].best_signature_time == at(kSigned));
    file.keep("2025-03-01T10:05:00Z");
    file.stamp("2025-03-01T10:10:00Z");
    check(dss_story().report(file.document(), kLater, Evidence::none), cades ? "B-LTA" : "none",
          "TOTAL-PASSED");
  }
}

TEST_CASE("what a VRI holds that is no evidence is no validation data") {
  EuDss file(dss_story(), eu_dss_shapes().at(1));
  file.sign(anna_of_dss());
  file.keep("2025-03-01T10:05:00Z");
  std::string text(as_text(file.document()));
  const std::size_t at = text.rfind("/Cert [", text.rfind("startxref"));
  REQUIRE(at != std::string::npos);
  // The same length: the lists become the page's content.
  text.replace(at, 5, "/Page");
  const auto report = dss_story().report(to_bytes(as_bytes(text)), kLater);
  CHECK(report.sub_indication == "SIG_CONSTRAINTS_FAILURE");
}
