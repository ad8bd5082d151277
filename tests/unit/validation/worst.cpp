// Worst inputs: bounded time and memory, whatever the document holds.
#include <ctime>

#include "support/catch.h"
#include "support/pki_story.h"
#include "support/revocation.h"
#include "support/security_store.h"

using namespace tsp;
using namespace tsp::test;

namespace {

// Of processor time: a busy machine is no reason.
double seconds_of(const std::function<void()>& work) {
  const std::clock_t began = std::clock();
  work();
  return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
}

// An inspection with that many copies of a signature, each over all before it.
double judge_copies(const Story& story, std::size_t count) {
  const Bytes document = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z", Stamped::yes);
  const Folder folder;
  const std::string path = folder.put("document.pdf", document);
  pdf::Inspection inspection = pdf::inspect(test::jail(), open_for_reading(path), path);
  const pdf::SignatureEntry entry = inspection.signatures.at(0);
  inspection.signatures.assign(count, entry);
  auto context = story.context("2025-03-02T00:00:00Z");
  const validation::PdfUnderValidation under{
      path, document, inspection, [](std::uint64_t) { return std::vector<pdf::Change>(); }};
  return seconds_of([&] {
    const auto report = validation::validate_pdf(under, context);
    CHECK(report.signatures.size() == count);
    CHECK(report.indication == validation::Indication::total_passed);
  });
}

}  // namespace

TEST_CASE("a hundred signatures cost at most five times what twenty-five cost") {
  const Story story;
  judge_copies(story, 5);
  const double few = judge_copies(story, 25), many = judge_copies(story, 100);
  INFO(few << " s, " << many << " s");
  CHECK(many <= 5 * few + 0.05);
}

TEST_CASE("evidence that repeats itself is judged once") {
  const Story story;
  auto context = story.context("2025-03-02T00:00:00Z");
  const auto crls = context.evidence.crls;
  for (int i = 0; i < 1000; ++i)
    for (const x509::Crl& crl : crls) context.evidence.crls.push_back(crl);
  const auto report =
      story.report(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"), context);
  CHECK(report.indication == validation::Indication::total_passed);
  CHECK(context.evidence.crls.size() == crls.size());
}

TEST_CASE("a store full of strangers does not hide the true evidence") {
  const Story story;
  StoreItems items;
  for (int i = 0; i < 100; ++i) {
    const Holder stranger({"TEST Issuing", ca_extensions()});
    items.certificates.push_back(stranger.certificate());
    CrlContent content;
    content.this_update = "20250301000000Z";
    content.next_update = "20250401000000Z";
    items.crls.push_back(make_crl(stranger, content));
  }
  const Bytes document =
      with_store(story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z"), items);
  CHECK(story.verdict(document, "2025-03-02T00:00:00Z") == "TOTAL-PASSED");
}

TEST_CASE("a list of 50 MB is read once and searched by halves") {
  const Story story;
  const Time made = at("2025-03-01T23:00:00Z");
  x509::CrlOrder order{};
  order.number = 1;
  order.this_update = made;
  order.next_update = made + std::chrono::hours(72);
  for (int i = 0; i < 1'450'000; ++i) {
    std::string serial = "4000000000000000000000000000";
    serial += to_hex(Bytes{static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
                           static_cast<std::uint8_t>(i)});
    order.entries.push_back({serial, at("2025-02-01T00:00:00Z"), ""});
  }
  const Bytes der = x509::issue_crl(order, story.issuing().certificate(), story.issuing().key());
  CHECK(der.size() > 50'000'000);
  auto context = story.context("2025-03-02T00:00:00Z");
  context.evidence.crls = {x509::Crl::from_der(der), x509::Crl::from_der(story.crl_of_root(made)),
                           x509::Crl::from_der(story.crl_of_other_root(made))};
  const Bytes document = story.anna_signs(Story::paper(), "2025-03-01T10:00:00Z", Stamped::yes);
  const double spent = seconds_of([&] {
    CHECK(story.report(document, context).indication == validation::Indication::total_passed);
  });
  CHECK(spent < 10);
}
