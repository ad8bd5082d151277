// Many signatures: what they cost, and that a file full of them gets an answer.
#include <sys/resource.h>

#include <fmt/format.h>

#include "base/error.h"
#include "moments.h"
#include "pdf/codec.h"
#include "pdf/parsers.h"
#include "support/catch.h"
#include "support/many_signatures.h"

using namespace tsp;
using namespace tsp::test;

namespace {

double processor_time() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Validates in this process, without the jail, so that the processor's time can be taken: the jail
// goes by the clock, too, and machines are busy.
struct Judged {
  validation::Report report;
  double seconds;
};
Judged timed(const Story& story, const Bytes& document) {
  const Folder folder;
  const Fd file = open_for_reading(folder.put("many.pdf", document));
  validation::Context context = story.context(kLater);
  const double begin = processor_time();
  const validation::PdfUnderValidation under{
      "many.pdf", document,
      pdf::accept_inspection(file, "x", pdf::inspect_parser(file.get(), as_bytes("x"))),
      [&](std::uint64_t end) {
        return pdf::decode_changes(
            pdf::changes_parser(file.get(), pdf::encode(pdf::ChangesRequest{"x", end})));
      }};
  validation::Report report = validation::validate_pdf(under, context);
  return {std::move(report), processor_time() - begin};
}

double cost_of(const Story& story, const Bytes& document) {
  const Judged seen = timed(story, document);
  CHECK(seen.report.indication == validation::Indication::total_passed);
  return seen.seconds;
}

Bytes signed_by_nobody(int count) {
  return signed_many_times(count, 2, [](ByteView) { return Bytes{0x30, 0x00}; });
}

}  // namespace

TEST_CASE("signatures cost time in proportion to their number") {
  const Story story;
  Bytes document = read_file(TSP_SOURCE_DIR "/tests/data/pdf/classic-xref.pdf", 1 << 20), few;
  for (int i = 1; i <= 64; ++i) {
    document = story.anna_signs(document, kSigned);
    if (i == 16) few = document;
  }
  const auto least = [&](const Bytes& what) {
    double out = cost_of(story, what);
    for (int i = 0; i < 2; ++i) out = std::min(out, cost_of(story, what));
    return out;
  };
  const double a = least(few), b = least(document);
  INFO("16 signatures " << a << " s, 64 signatures " << b << " s");
  CHECK(b < 8 * a);  // in proportion 4, by the square 16
}

TEST_CASE("a file with ten thousand signatures gets a verdict") {
  const Story story;
  const Judged seen = timed(story, signed_by_nobody(9999));
  CHECK(seen.report.signatures.size() == 9999);
  CHECK(seen.report.indication == validation::Indication::total_failed);
#ifndef TSP_SANITIZED
  CHECK(seen.seconds < 20);  // inspection and comparison may take 10 each in the jail
#endif
  const Folder folder;
  const Fd file = open_for_reading(folder.put("many.pdf", signed_by_nobody(10001)));
  try {
    pdf::inspect_parser(file.get(), as_bytes("many.pdf"));
    FAIL("read");
  } catch (const Error& error) {
    CHECK(error.why == "it is damaged: it has too many signature fields");
  }
}

TEST_CASE("a file with very many true signatures is passed") {
  const Story story;
  const int count = many_signatures(300);
  const Judged seen = timed(story, signed_by_anna(story, count));
  REQUIRE(seen.report.signatures.size() == static_cast<std::size_t>(count));
  CHECK(seen.report.indication == validation::Indication::total_passed);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  WARN(count << " signatures: " << seen.seconds << " s of processor, highest resident memory "
             << used.ru_maxrss / 1024 << " MiB");
}
