#include "trust/trusted_list.h"

#include <openssl/pem.h>

#include "base/json.h"
#include "fixture.h"
#include "support/xml_signing.h"

using namespace tsp;
using namespace tsp::test;
using trust::Service;

namespace {

// Holders' certificates are valid from 2020 to 2049; openssl's own begin today.
std::unique_ptr<XmlSigner> signer_of(const char* name) {
  const Holder holder({name});
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, holder.key().key(), nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  const std::string key(text, static_cast<std::size_t>(size));
  BIO_free(out);
  return std::make_unique<XmlSigner>(key, holder.certificate().pem());
}
const XmlSigner& operator_key() {
  static const auto one = signer_of("TEST Scheme Operator");
  return *one;
}
const XmlSigner& stranger() {
  static const auto one = signer_of("TEST Stranger");
  return *one;
}
std::vector<x509::Certificate> pinned(const XmlSigner& signer = operator_key()) {
  return {x509::Certificate::from_pem(signer.certificate())};
}

// Lists as tests/support/trusted_list.py makes them, signed by the operator unless told otherwise.
class Lists {
 public:
  std::string pem(const Holder& holder) const {
    const std::string name = holder.certificate().serial() + ".pem";
    return folder_.put(name, holder.certificate().pem());
  }
  std::string make(Json spec, const XmlSigner* signer = &operator_key()) const {
    if (signer != nullptr) {
      spec["key"] = signer->key_file();
      spec["certificate"] = signer->certificate_file();
    }
    const std::string order = folder_.put("spec.json", dump(spec));
    const Answer made = run("python3 -B " TSP_SOURCE_DIR "/tests/support/trusted_list.py " + order +
                            " " + folder_.file("list.xml"));
    if (made.status != 0) throw std::runtime_error(made.output);
    return std::string(as_text(folder_.get("list.xml")));
  }
  // The issuing CA and a time-stamping unit of the fixture.
  std::string usual() const {
    return make({{"services",
                  {{{"certificates", {pem(issuing())}}, {"name", "Good CA"}, {"ski", "AQID"}},
                   {{"type", "TSA/QTST"}, {"certificates", {pem(root())}}}}}});
  }

 private:
  Folder folder_;
};

trust::TrustedList read(const std::string& text,
                        const std::vector<x509::Certificate>& signers = pinned()) {
  return trust::read_trusted_list(as_bytes(text), "the list", signers, kNow);
}

std::string refusal(const std::string& text, Fault fault = Fault::policy_refused,
                    const std::vector<x509::Certificate>& signers = pinned()) {
  try {
    read(text, signers);
  } catch (const Error& error) {
    CHECK(error.fault == fault);
    return error.why;
  }
  return "taken";
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

trust::TrustStore store_of(const std::string& text) {
  trust::TrustStore store;
  for (const auto& anchor : trust::anchors_of(read(text)))
    store.add(anchor.certificate, anchor.term);
  return store;
}

bool counts(const std::string& text, const Holder& holder, Service service, const char* at) {
  return store_of(text).counts(holder.certificate(), service, *from_rfc3339(at));
}

}  // namespace

TEST_CASE("a list signed by its operator is read") {
  const Lists lists;
  const auto list = read(lists.usual());
  CHECK(list.operator_name == "Example Scheme Operator");
  CHECK(list.territory == "XX");
  CHECK(list.sequence == 1);
  CHECK(list.next_update == from_rfc3339("2030-01-01"));
  CHECK_FALSE(list.is_list_of_lists());
  REQUIRE(list.services.size() == 2);
  CHECK(list.services[0].name == "Good CA");
  CHECK(list.services[0].provider == "Example TSP");
  CHECK(list.services[0].certificates.at(0) == issuing().certificate());
  CHECK(list.services[0].key_ids.at(0) == Bytes{1, 2, 3});
  CHECK(list.services[0].statuses.at(0).status ==
        "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted");
}

TEST_CASE("services count for their kind alone") {
  const std::string list = Lists().usual();
  CHECK(counts(list, issuing(), Service::certificates, "2026-01-01"));
  CHECK_FALSE(counts(list, issuing(), Service::timestamps, "2026-01-01"));
  CHECK(counts(list, root(), Service::timestamps, "2026-01-01"));
  CHECK_FALSE(counts(list, root(), Service::certificates, "2026-01-01"));
  CHECK_FALSE(counts(list, issuing(), Service::certificates, "2019-12-31"));
}

TEST_CASE("a withdrawn service counts up to its withdrawal, and again when granted again") {
  const Lists lists;
  const std::string list =
      lists.make({{"services",
                   {{{"certificates", {lists.pem(issuing())}},
                     {"status", "withdrawn"},
                     {"from", "2026-01-01T00:00:00Z"},
                     {"history",
                      {{{"status", "granted"}, {"from", "2025-01-01T00:00:00Z"}},
                       {{"status", "withdrawn"}, {"from", "2024-01-01T00:00:00Z"}},
                       {{"status", "undersupervision"}, {"from", "2022-01-01T00:00:00Z"}}}}}}}});
  const auto at = [&](const char* time) {
    return counts(list, issuing(), Service::certificates, time);
  };
  CHECK_FALSE(at("2021-12-31"));
  CHECK(at("2023-12-31"));
  CHECK_FALSE(at("2024-01-01"));
  CHECK(at("2025-12-31"));
  CHECK_FALSE(at("2026-01-01"));
  CHECK(store_of(list).sunset(issuing().certificate(), Service::certificates) ==
        from_rfc3339("2026-01-01"));
}

TEST_CASE("a signer is valid by a list before the withdrawal of its CA and not after") {
  const Lists lists;
  const trust::TrustStore store = store_of(
      lists.make({{"services",
                   {{{"certificates", {lists.pem(issuing())}},
                     {"status", "withdrawn"},
                     {"from", "2026-01-01T00:00:00Z"},
                     {"history", {{{"status", "granted"}, {"from", "2021-01-01T00:00:00Z"}}}}}}}}));
  const auto judged = [&](const char* at) {
    return trust::verify_path(signer().certificate(), {}, store, *from_rfc3339(at)).ok;
  };
  CHECK(judged("2025-12-31T23:59:59Z"));
  CHECK_FALSE(judged("2026-01-01T00:00:00Z"));
}

TEST_CASE("statuses and types that are no approval of anchors add nothing") {
  const Lists lists;
  const auto of = [&](const char* type, const char* status) {
    return trust::anchors_of(read(lists.make({{"services",
                                               {{{"certificates", {lists.pem(issuing())}},
                                                 {"type", type},
                                                 {"status", status}}}}})))
        .size();
  };
  for (const char* status : {"granted", "recognisedatnationallevel", "setbynationallaw",
                             "undersupervision", "accredited", "supervisionincessation"})
    CHECK(of("CA/QC", status) == 1);
  for (const char* status : {"withdrawn", "deprecatedatnationallevel", "supervisionceased",
                             "supervisionrevoked", "accreditationrevoked", "granted2", ""})
    CHECK(of("CA/QC", status) == 0);
  for (const char* type : {"CA/PKC", "NationalRootCA-QC", "TSA", "TSA/TSS-QC"})
    CHECK(of(type, "granted") == 1);
  for (const char* type : {"Certstatus/OCSP/QC", "Certstatus/OCSP", "EDS/Q", "unspecified", ""})
    CHECK(of(type, "granted") == 0);
}

TEST_CASE("a service with a critical extension that nobody knows is passed over") {
  const Lists lists;
  const auto anchors = [&](Json service) {
    service["certificates"] = {lists.pem(issuing())};
    return trust::anchors_of(read(lists.make({{"services", {service}}}))).size();
  };
  CHECK(anchors({{"critical", "Surprise"}}) == 0);
  CHECK(anchors({{"additional",
                  {"http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSignatures"}}}) == 1);
}

TEST_CASE("a list of lists names the others and their signers") {
  const Lists lists;
  const auto list = read(
      lists.make({{"type", "EUlistofthelists"},
                  {"pointers",
                   {{{"location", "https://example.org/lu.xml"},
                     {"territory", "LU"},
                     {"signers", {stranger().certificate_file()}}},
                    {{"location", "https://example.org/lu.pdf"}, {"media", "application/pdf"}}}}}));
  CHECK(list.is_list_of_lists());
  REQUIRE(list.pointers.size() == 1);
  CHECK(list.pointers[0].location == "https://example.org/lu.xml");
  CHECK(list.pointers[0].territory == "LU");
  CHECK(list.pointers[0].signers == pinned(stranger()));
}

TEST_CASE("a list that another signed is refused") {
  const Lists lists;
  CHECK_THAT(refusal(lists.make(Json::object(), &stranger())),
             ContainsSubstring("not signed by any"));
  CHECK_THAT(refusal(lists.usual(), Fault::policy_refused, {}),
             ContainsSubstring("not signed by any"));
  CHECK(refusal(lists.make(Json::object(), nullptr)) == "it is not signed");
  CHECK(refusal(lists.usual(), Fault::policy_refused, {pinned(stranger())[0], pinned()[0]}) ==
        "taken");
}

TEST_CASE("a list with a changed byte is refused") {
  const std::string list = Lists().usual();
  CHECK_THAT(refusal(replaced(list, "Good CA", "Goof CA")),
             ContainsSubstring("is not what was signed"));
  CHECK_THAT(refusal(replaced(list, "granted", "granteb")),
             ContainsSubstring("is not what was signed"));
}

TEST_CASE("a signed list wrapped into another is refused") {
  const std::string list = Lists().usual();
  const std::string inner = list.substr(list.find("<TrustServiceStatusList"));
  const std::string outer = Lists().make(Json::object(), nullptr);
  CHECK_THAT(refusal(replaced(outer, "<SchemeInformation>", "<SchemeInformation>" + inner)),
             ContainsSubstring("not a child of the root"));
  const std::string signature =
      inner.substr(inner.find("<ds:Signature"),
                   inner.find("</ds:Signature>") + 15 - inner.find("<ds:Signature"));
  CHECK_THAT(refusal(replaced(outer, "</TrustServiceStatusList>",
                              signature + "</TrustServiceStatusList>")),
             ContainsSubstring("is not what was signed"));
  // In the signature it is covered by nothing, and read by nobody.
  const auto with_object = read(
      replaced(list, "<ds:Object>", "<ds:Object>" + outer.substr(outer.find("<TrustService"))));
  CHECK(with_object.services.size() == 2);
}

TEST_CASE("a signature that names another signing certificate is refused") {
  CHECK(refusal(Lists().make({{"names", stranger().certificate_file()}})) ==
        "its signature names another signing certificate");
  CHECK(refusal(Lists().make({{"xades", false}})) == "taken");
}

TEST_CASE("a list of a signer whose certificate has expired is refused") {
  const std::string list = Lists().usual();
  CHECK_THROWS_WITH(
      trust::read_trusted_list(as_bytes(list), "the list", pinned(), *from_rfc3339("2060-01-01")),
      ContainsSubstring("its signer's certificate is valid from"));
}

TEST_CASE("an expired list is refused, and a closed one is not") {
  const Lists lists;
  const auto judged = [&](const char* next) {
    const auto list = read(lists.make({{"next_update", next ? Json(next) : Json(nullptr)}}));
    trust::check_succession(list, "the list", {}, kNow);
  };
  CHECK_THROWS_WITH(judged("2026-11-21T09:29:59Z"), ContainsSubstring("should have been replaced"));
  CHECK_NOTHROW(judged("2026-11-21T09:30:00Z"));
  CHECK_NOTHROW(judged(nullptr));
}

TEST_CASE("a sequence number never goes back") {
  const Lists lists;
  const auto list = read(lists.make({{"sequence", 7}}));
  const auto after = [&](std::int64_t sequence, const char* issued) {
    trust::check_succession(list, "the list", trust::ListState{sequence, *from_rfc3339(issued)},
                            kNow);
  };
  CHECK_NOTHROW(after(6, "2026-11-10"));
  CHECK_NOTHROW(after(7, "2026-01-01"));
  CHECK_THROWS_WITH(after(8, "2026-01-01"), ContainsSubstring("lower than 8"));
  CHECK_THROWS_WITH(after(7, "2026-01-02"), ContainsSubstring("before the one that is here"));
}

TEST_CASE("a list from the future is refused") {
  const auto list = read(Lists().make({{"issued", "2026-11-21T09:36:00Z"}}));
  CHECK_THROWS_WITH(trust::check_succession(list, "the list", {}, kNow),
                    ContainsSubstring("future"));
}

TEST_CASE("what is no list of this standard is refused") {
  const Lists lists;
  const auto bad = [&](const Json& spec) { return refusal(lists.make(spec), Fault::bad_input); };
  CHECK_THAT(bad({{"namespace", "http://uri.etsi.org/02231/v1#"}}),
             ContainsSubstring("root is no Trust"));
  CHECK(bad({{"version", 3}}) == "its version is 3");
  CHECK(bad({{"version", 7}}) == "its version is 7");
  CHECK_THAT(bad({{"sequence", -1}}), ContainsSubstring("no number"));
  CHECK_THAT(bad({{"sequence", "1e3"}}), ContainsSubstring("no number"));
  CHECK_THAT(bad({{"issued", "yesterday"}}), ContainsSubstring("no time"));
  CHECK_THAT(bad({{"more", "<TSLSequenceNumber>9</TSLSequenceNumber>"}}),
             ContainsSubstring("not exactly one TSLSequenceNumber"));
  CHECK_THAT(refusal("<html/>", Fault::bad_input), ContainsSubstring("root is no Trust"));
  CHECK_THAT(refusal("not found", Fault::bad_input), ContainsSubstring("not well-formed"));
}

TEST_CASE("documents that would go off are refused before anything is expanded") {
  const std::string list = Lists().make(
      {{"prolog", "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>"}}, nullptr);
  CHECK(refusal(list, Fault::bad_input) == "it has a DOCTYPE");
  CHECK_THAT(refusal(std::string(std::size_t{100} << 20, 'x'), Fault::bad_input),
             ContainsSubstring("larger than"));
}

TEST_CASE("certificates that are none are passed over and counted") {
  const Lists lists;
  const std::string list = lists.make(
      {{"services", {{{"certificates", {lists.pem(issuing())}}, {"ski", "AAAA"}}}}}, nullptr);
  const std::string broken =
      replaced(list, "</DigitalId>",
               "</DigitalId><DigitalId><X509Certificate>AAAA</X509Certificate></DigitalId>");
  const std::string is = replaced(broken, "</TrustServiceStatusList>",
                                  signature_template({}) + "</TrustServiceStatusList>");
  const auto read_list = read(operator_key().sign(is));
  CHECK(read_list.unreadable == 1);
  CHECK(trust::anchors_of(read_list).size() == 1);
}
