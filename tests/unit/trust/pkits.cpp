#include "pkits.h"

#include <map>
#include <set>

using namespace tsp;
using namespace tsp::test;

namespace {

// Invalid only because something is revoked or its status unknown: for revocation to find.
bool is_about_revocation(const std::string& id) {
  static const std::set<std::string> sections{"404", "405", "407", "414", "415"};
  return sections.contains(id.substr(0, 3));
}

// Cases that are left out, with the reason: docs/validation.md lists the same.
const std::map<std::string, std::string>& left_out() {
  static const std::map<std::string, std::string> reasons{
      {"40105", "4.1.5 Valid DSA Parameter Inheritance"}};
  return reasons;
}

bool is_left_out(const std::string& id) {
  return left_out().contains(id);
}

// The verdict on the path and on the status of each of its certificates; what was found on the way.
bool is_good(const Pkits& pkits, const Json& test, std::string& told) {
  const trust::PathVerdict verdict = pkits.verify(test, kNow);
  bool good = verdict.ok;
  for (const auto& finding : verdict.findings)
    told += std::string(finding.id) + " " + finding.detail + "\n";
  if (!test.value("check_revocation", true)) return good;
  for (std::size_t i = 0; good && i + 1 < verdict.chain.size(); ++i) {
    const auto status = trust::check_revocation(verdict.chain, i, pkits.evidence(test), kNow);
    good = status.status == trust::RevocationStatus::good && status.fresh;
    told += verdict.chain[i].subject() + ": " + status.text + "\n";
  }
  return good;
}

}  // namespace

TEST_CASE("PKITS: valid paths are accepted and invalid ones refused") {
  const auto pkits = Pkits::open();
  if (!pkits) return;
  int judged = 0;
  for (const Json& test : pkits->cases()) {
    const auto id = test["id"].get<std::string>();
    const bool valid = test["expect"] == "valid";
    if (!valid && is_about_revocation(id)) continue;
    if (is_left_out(id)) continue;
    const trust::PathVerdict verdict = pkits->verify(test, kNow);
    std::string told;
    for (const auto& finding : verdict.findings)
      told += std::string(finding.id) + " " + finding.detail + "\n";
    INFO(id << " " << test["name"] << "\n" << told);
    CHECK(verdict.ok == valid);
    ++judged;
  }
  CHECK(judged > 150);
}

TEST_CASE("PKITS: with revocation, every verdict is the suite's") {
  const auto pkits = Pkits::open();
  if (!pkits) return;
  std::size_t judged = 0;
  for (const Json& test : pkits->cases()) {
    const auto id = test["id"].get<std::string>();
    if (is_left_out(id)) continue;
    std::string told;
    const bool good = is_good(*pkits, test, told);
    INFO(id << " " << test["name"] << "\n" << told);
    CHECK(good == (test["expect"] == "valid"));
    ++judged;
  }
  CHECK(pkits->cases().size() == 246);
  CHECK(judged + left_out().size() == pkits->cases().size());
}

TEST_CASE("PKITS: what is left out could not be judged, and the page lists it") {
  const auto pkits = Pkits::open();
  if (!pkits) return;
  const Bytes page = read_file(TSP_SOURCE_DIR "/docs/validation.md", 1 << 20);
  std::size_t found = 0;
  for (const Json& test : pkits->cases()) {
    const auto id = test["id"].get<std::string>();
    if (!is_left_out(id)) continue;
    INFO(id << " " << test["name"]);
    ++found;
    std::string told;
    CHECK(is_good(*pkits, test, told) != (test["expect"] == "valid"));
    CHECK_THAT(std::string(as_text(page)), ContainsSubstring("| " + left_out().at(id) + " |"));
  }
  CHECK(found == left_out().size());
}
