// `tsp validate` as an operation: whom it trusts, where it finds evidence, what its JSON holds.
#include "ops/validate_documents.h"

#include <filesystem>
#include <map>

#include "base/error.h"
#include "net/fetcher.h"
#include "support/catch.h"
#include "support/fixed_clock.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;

namespace {

constexpr std::string_view kSignedOn = "2025-03-01T10:00:00Z", kJudgedAt = "2025-03-02T00:00:00Z";

// Answers from a table; counts who asked.
class Shelf final : public net::Fetcher {
 public:
  net::Response fetch(const net::Request& request) override {
    ++asked[request.url];
    const auto found = answers.find(request.url);
    if (found == answers.end())
      throw Error(Fault::evidence_missing, "cannot fetch " + request.url, "no such host");
    return {200, "", found->second, request.url};
  }
  std::map<std::string, Bytes> answers;
  std::map<std::string, int> asked;
};

struct ValidationDesk {
  Story story;
  Folder folder;
  FixedClock clock{at(kJudgedAt)};
  Shelf shelf;
  ops::ValidateDocument request;

  ValidationDesk() {
    request.file = folder.put("contract.pdf", story.anna_signs(Story::paper(), kSignedOn));
  }

  // A home with what its TSP has published.
  void stands_at_home() {
    for (const char* name : {"home", "home/ca", "home/crl"})
      std::filesystem::create_directory(folder.file(name));
    folder.put("home/ca/root.pem", story.root().certificate().pem());
    folder.put("home/ca/issuing.pem", story.issuing().certificate().pem());
    const Time made = at(kJudgedAt) - std::chrono::hours(1);
    folder.put("home/crl/root.crl", story.crl_of_root(made));
    folder.put("home/crl/issuing.crl", story.crl_of_issuing(made));
    request.home = ops::Home{folder.file("home")};
  }
  validation::Report report() {
    const ops::World world{clock, &test::jail(), &shelf, "system", ""};
    return ops::validate_document(world, request);
  }
  std::string verdict() {
    const auto told = report();
    return verdict_of(told.indication, told.sub_indication);
  }
  Fault fault() {
    try {
      report();
    } catch (const Error& error) {
      return error.fault;
    }
    throw std::runtime_error("nothing was thrown");
  }
};

// Anna's sister, whose certificate names where to ask.
Holder with_urls(const Story& story) {
  Extensions extensions = signer_extensions();
  extensions.emplace_back("crlDistributionPoints", "URI:http://pki.example/crl/issuing.crl");
  extensions.emplace_back("authorityInfoAccess",
                          "OCSP;URI:http://pki.example/ocsp,"
                          "caIssuers;URI:http://pki.example/ca/issuing.cer");
  return Holder({"Dora Example", extensions}, story.issuing());
}

}  // namespace

TEST_CASE("the TSP of the home is trusted and its CRLs are evidence") {
  ValidationDesk desk;
  CHECK(desk.verdict() == "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  desk.stands_at_home();
  CHECK(desk.verdict() == "TOTAL-PASSED");
}

TEST_CASE("--trust takes a PEM file, a DER file or a folder of them") {
  ValidationDesk desk;
  const auto& root = desk.story.root().certificate();
  std::filesystem::create_directory(desk.folder.file("anchors"));
  desk.folder.put("anchors/readme.txt", "not a certificate");
  desk.folder.put("anchors/root.pem", root.pem());
  desk.folder.put("root.der", root.der());
  for (const char* each : {"anchors", "anchors/root.pem", "root.der"}) {
    desk.request.trust = {desk.folder.file(each)};
    CHECK(desk.verdict() == "INDETERMINATE TRY_LATER");
  }
}

TEST_CASE("what cannot be trusted is said, not passed over") {
  ValidationDesk desk;
  desk.request.trust = {desk.folder.put("note.pem", "no certificate")};
  CHECK(desk.fault() == Fault::bad_input);
  desk.request.trust = {desk.folder.file("absent.pem")};
  CHECK(desk.fault() == Fault::not_found);
  std::filesystem::create_directory(desk.folder.file("empty"));
  desk.request.trust = {desk.folder.file("empty")};
  CHECK(desk.fault() == Fault::bad_input);
}

TEST_CASE("the moment asked for is the one judged") {
  ValidationDesk desk;
  desk.stands_at_home();
  desk.request.at = at("2026-06-01T00:00:00Z");
  CHECK(desk.verdict() == "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
}

TEST_CASE("missing evidence is fetched once, and not at all offline") {
  ValidationDesk desk;
  desk.stands_at_home();
  std::filesystem::remove(desk.folder.file("home/crl/issuing.crl"));
  const Holder dora = with_urls(desk.story);
  Story::Wish wish{&dora, at(kSignedOn)};
  Bytes contract = desk.story.sign(Story::paper(), wish);
  contract = desk.story.sign(contract, wish);
  desk.request.file = desk.folder.put("dora.pdf", contract);
  const std::string crl = "http://pki.example/crl/issuing.crl";
  desk.shelf.answers[crl] = desk.story.crl_of_issuing(at(kJudgedAt) - std::chrono::hours(1));
  SECTION("online") {
    CHECK(desk.verdict() == "TOTAL-PASSED");
    CHECK(desk.shelf.asked[crl] == 1);
  }
  SECTION("offline") {
    desk.request.offline = true;
    CHECK(desk.verdict() == "INDETERMINATE TRY_LATER");
    CHECK(desk.shelf.asked.empty());
  }
  SECTION("a server that answers rubbish") {
    desk.shelf.answers[crl] = {1, 2, 3};
    desk.shelf.answers["http://pki.example/ocsp"] = {0x30, 0x00};
    CHECK(desk.verdict() == "INDETERMINATE TRY_LATER");
  }
}

TEST_CASE("what is no PDF is bad input") {
  ValidationDesk desk;
  desk.request.file = desk.folder.put("note.pdf", "Dear reader,");
  CHECK(desk.fault() == Fault::bad_input);
  desk.request.file = desk.folder.put("empty.pdf", "");
  CHECK(desk.fault() == Fault::bad_input);
  desk.request.file = desk.folder.file("absent.pdf");
  CHECK(desk.fault() == Fault::not_found);
}

TEST_CASE("the JSON has the fields of the contract") {
  ValidationDesk desk;
  desk.stands_at_home();
  desk.request.file = desk.folder.put(
      "stamped.pdf", desk.story.anna_signs(Story::paper(), kSignedOn, Stamped::yes));
  const Json told = ops::to_json(desk.report());
  CHECK(told.at("file") == desk.request.file);
  CHECK(told.at("indication") == "TOTAL-PASSED");
  CHECK(told.at("sub_indication").is_null());
  const Json& signature = told.at("signatures").at(0);
  CHECK(signature.at("format") == "pades");
  CHECK(signature.at("level") == "B-T");
  CHECK(signature.at("claimed_signing_time") == kSignedOn);
  CHECK(signature.at("best_signature_time") == kSignedOn);
  CHECK(signature.at("coverage") == "whole-file");
  CHECK(signature.at("modifications") == "none");
  CHECK(signature.at("timestamps").at(0).at("indication") == "TOTAL-PASSED");
  CHECK(signature.at("findings").empty());
  CHECK(signature.at("extend_before") == "2035-12-31T23:59:59Z");
  for (const char* field : {"id", "indication", "sub_indication", "signer", "certificate_serial"})
    CHECK(signature.contains(field));
}
