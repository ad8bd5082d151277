// What HOME/trust keeps, and what of it counts.
#include "ops/trust.h"

#include "base/error.h"
#include "base/files.h"
#include "support/catch.h"
#include "support/certificates.h"
#include "support/pki_story.h"
#include "support/temporary_folder.h"

using namespace tsp;
using namespace tsp::test;
using trust::Service;

namespace {

const x509::Certificate& anchor() {
  static const test::Holder holder({"TEST Root", test::ca_extensions()});
  return holder.certificate();
}

// A list of lists with one list that vouches for the anchor.
ops::TrustEntry entry(const char* top_until, const char* list_until) {
  ops::TrustEntry out;
  out.name = "eu";
  out.kind = "list";
  out.url = "https://example.org/lists.xml";
  out.signers = {anchor()};
  out.added = at("2026-11-01");
  ops::KeptList top;
  top.url = out.url;
  top.next_update = at(top_until);
  ops::KeptList list;
  list.url = "https://example.org/lu.xml";
  list.sequence = 7;
  list.next_update = at(list_until);
  out.lists = {top, list};
  out.anchors = {{1, "TSP", "CA", anchor(), {{Service::certificates, at("2020-01-01"), {}}}}};
  return out;
}

bool counts(const ops::Home& home) {
  return ops::load_trust(home, at("2026-11-21"))
      .store.counts(anchor(), Service::certificates, at("2026-11-21"));
}

}  // namespace

TEST_CASE("what is trusted is read back as it was written") {
  const TemporaryFolder folder;
  const ops::Home home{folder.path()};
  const ops::TrustEntry written = entry("2027-01-01", "2027-01-01");
  ops::write_trust(home, written);
  CHECK(ops::trust_names(home) == std::vector<std::string>{"eu"});
  CHECK(ops::trust_json(ops::read_trust(home, "eu")) == ops::trust_json(written));
  CHECK(counts(home));
}

TEST_CASE("a list that is out of date is not used, and told") {
  const TemporaryFolder folder;
  const ops::Home home{folder.path()};
  ops::write_trust(home, entry("2027-01-01", "2026-11-20"));
  CHECK_FALSE(counts(home));
  const auto loaded = ops::load_trust(home, at("2026-11-21"));
  CHECK(loaded.expired == std::vector<std::string>{"eu: https://example.org/lu.xml"});
}

TEST_CASE("a list of lists that is out of date takes its lists along") {
  const TemporaryFolder folder;
  const ops::Home home{folder.path()};
  ops::write_trust(home, entry("2026-11-20", "2027-01-01"));
  CHECK_FALSE(counts(home));
}

TEST_CASE("certificates that were added as they are always count") {
  const TemporaryFolder folder;
  const ops::Home home{folder.path()};
  ops::TrustEntry own;
  own.name = "own";
  own.kind = "anchors";
  own.anchors = {{{}, "", "", anchor(), {}}};
  ops::write_trust(home, own);
  CHECK(counts(home));
}

TEST_CASE("a damaged file of trust is refused, never half believed") {
  const TemporaryFolder folder;
  const ops::Home home{folder.path()};
  const std::string good = ops::trust_json(entry("2027-01-01", "2027-01-01"));
  const auto refused = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    make_directory(home.trust(), 0700);
    write_file(ops::trust_file(home, "eu"), as_bytes(text), Existing::replace);
    try {
      ops::load_trust(home, at("2026-11-21"));
    } catch (const Error& error) {
      return error.fault == Fault::bad_input;
    }
    return false;
  };
  // Without terms it would count always, for everything.
  CHECK(
      refused(R"([{"service":"certificates","from":"2020-01-01T00:00:00Z","until":null}])", "[]"));
  CHECK(refused(R"("list":1)", R"("list":2)"));
  CHECK(refused(R"("list":1)", R"("list":-1)"));
  CHECK(refused("tsp trust 1", "tsp trust 2"));
  CHECK(refused(R"("name":"eu")", R"("name":"us")"));
  CHECK(refused(R"("service":"certificates")", R"("service":"anything")"));
  CHECK(refused("2020-01-01T00:00:00Z", "2020-13-01T00:00:00Z"));
  CHECK(refused(R"("added")", R"("addex")"));
  CHECK(refused("MII", "!!!"));
}
