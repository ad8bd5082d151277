// Many signatures: what they cost, and that a file full of them gets an answer.
#include <sys/resource.h>

#include <fmt/format.h>

#include "base/error.h"
#include "pdf/codec.h"
#include "pdf/parsers.h"
#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;

namespace {

constexpr std::string_view kSigned = "2025-03-01T10:00:00Z", kLater = "2025-03-02T00:00:00Z";

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
Judged judged(const Story& story, const Bytes& document) {
  const Folder folder;
  const Fd file = open_for_reading(folder.put("many.pdf", document));
  validation::Context context = story.context(kLater);
  const double begin = processor_time();
  const validation::PdfUnderValidation under{
      "many.pdf", document, pdf::decode_inspection(pdf::inspect_parser(file.get(), as_bytes("x"))),
      [&](std::uint64_t end) {
        return pdf::decode_changes(
            pdf::changes_parser(file.get(), pdf::encode(pdf::ChangesRequest{"x", end})));
      }};
  validation::Report report = validation::validate_pdf(under, context);
  return {std::move(report), processor_time() - begin};
}

double cost_of(const Story& story, const Bytes& document) {
  const Judged seen = judged(story, document);
  CHECK(seen.report.indication == validation::Indication::total_passed);
  return seen.seconds;
}

// A form with that many fields, each signed (by nobody) in a revision of its own.
Bytes signed_by_nobody(int count) {
  std::string out =
      "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>\nendobj\n"
      "2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n"
      "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>\nendobj\n";
  std::vector<std::size_t> places{0, 9, out.find("2 0 obj"), out.find("3 0 obj"), out.size()};
  out += "4 0 obj\n<</SigFlags 3/Fields[";
  for (int i = 0; i < count; ++i) out += fmt::format("{} 0 R ", 5 + i);
  out += "]>>\nendobj\n";
  const auto field = [](int i, const std::string& value) {
    return fmt::format("{} 0 obj\n<</FT/Sig/T(f{})/Rect[0 0 0 0]/Subtype/Widget{}>>\nendobj\n",
                       5 + i, i, value);
  };
  for (int i = 0; i < count; ++i) {
    places.push_back(out.size());
    out += field(i, "");
  }
  std::size_t table = out.size();
  out += fmt::format("xref\n0 {}\n0000000000 65535 f \n", places.size());
  for (std::size_t i = 1; i < places.size(); ++i)
    out += fmt::format("{:010} 00000 n \n", places[i]);
  const int size = 5 + 2 * count;
  out += fmt::format("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n", size, table);
  for (int i = 0; i < count; ++i) {
    const int value = 5 + count + i;
    const std::size_t first = out.size();
    out += field(i, fmt::format("/V {} 0 R", value));
    const std::size_t second = out.size();
    out += fmt::format(
        "{} 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
        "/ByteRange[0 ",
        value);
    const std::size_t range = out.size();
    out += std::string(30, ' ') + "]/Contents";
    const std::size_t gap = out.size();
    out += "<3000>>>\nendobj\n";
    const std::size_t next = out.size();
    out += fmt::format("xref\n{} 1\n{:010} 00000 n \n{} 1\n{:010} 00000 n \n", 5 + i, first, value,
                       second);
    out += fmt::format("trailer\n<</Size {}/Root 1 0 R/Prev {}>>\nstartxref\n{}\n%%EOF\n", size,
                       table, next);
    table = next;
    const std::string numbers = fmt::format("{} {} {}", gap, gap + 6, out.size() - gap - 6);
    out.replace(range, numbers.size(), numbers);
  }
  return to_bytes(as_bytes(out));
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
  const Judged seen = judged(story, signed_by_nobody(9999));
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
