// Broken and hostile PDFs: refused in an ordinary way, or signed without harm, and soon.
#include <fmt/format.h>

#include <chrono>

#include "base/error.h"
#include "base/json.h"
#include "signing.h"
#include "support/catch.h"

namespace tsp::pdf::test {
namespace {

struct BadFile {
  std::string name;
  bool must_be_refused;
};

std::vector<BadFile> bad_files() {
  std::vector<BadFile> out;
  const Bytes text = contents_of(data_path("bad/cases.json"));
  for (const Json& entry : parse_json(text, "cases.json"))
    out.push_back(
        {entry.at("file").get<std::string>(), entry.at("sign").get<std::string>() == "refuse"});
  return out;
}

// Those that cost qpdf seconds.
bool is_slow(const BadFile& bad) {
  return bad.name == "bomb-object-stream.pdf" || bad.name == "bomb-xref-stream.pdf" ||
         bad.name == "xref-stream-predictor-columns-huge.pdf";
}

void check_signing(const BadFile& bad, const Folder& folder) {
  const std::string original = data_path("bad/" + bad.name), out = folder / bad.name;
  const auto begin = std::chrono::steady_clock::now();
  const std::string why = failure([&] { sign(original, out); });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  INFO(fmt::format("{}: {} ({:.1f} s)", bad.name, why, took.count()));
  CHECK(is_ordinary(why));
  if (bad.must_be_refused) CHECK(why != "none");
  CHECK(exists(out) == (why == "none"));
  if (!exists(out)) return;
  const Bytes before = contents_of(original), after = contents_of(out);
  CHECK(equal(ByteView(after).first(before.size()), before));
}

void check_inspection(const BadFile& bad) {
  const Fd file = open_for_reading(data_path("bad/" + bad.name));
  const std::string why = failure([&] { inspect(jail(), file, bad.name); });
  INFO(bad.name << ": " << why);
  CHECK(is_ordinary(why));
}

TEST_CASE("bad files are refused, or signed without harm") {
  const Folder folder;
  for (const BadFile& bad : bad_files())
    if (!is_slow(bad)) check_signing(bad, folder);
}

TEST_CASE("bad files are inspected, or refused in an ordinary way") {
  for (const BadFile& bad : bad_files())
    if (!is_slow(bad)) check_inspection(bad);
}

TEST_CASE("decompression bombs stay within their limits", "[.slow]") {
  const Folder folder;
  for (const BadFile& bad : bad_files())
    if (is_slow(bad)) check_signing(bad, folder), check_inspection(bad);
}

std::string sign_bad(const std::string& name, SignatureOrder order = {}) {
  const Folder folder;
  return failure([&] { sign(data_path("bad/" + name), folder / "out.pdf", std::move(order)); });
}

TEST_CASE("what is wrong with a file is told") {
  CHECK(sign_bad("empty.pdf") == "bad-input / cannot read empty.pdf: it is empty");
  CHECK(sign_bad("not-a-pdf-png.pdf") ==
        "bad-input / cannot read not-a-pdf-png.pdf: it is not a PDF");
  CHECK(
      sign_bad("no-startxref.pdf") ==
      "bad-input / cannot sign no-startxref.pdf: it is damaged: it has no startxref near its end");
  CHECK(sign_bad("prev-loop.pdf") ==
        "bad-input / cannot sign prev-loop.pdf: it is damaged: its cross-reference sections form a "
        "loop");
  CHECK(sign_bad("pages-empty.pdf") == "bad-input / cannot sign pages-empty.pdf: it has no page");
  CHECK(sign_bad("nested-arrays-20000.pdf") ==
        "bad-input / cannot sign nested-arrays-20000.pdf: parts of it cannot be read and would be "
        "lost");
}

TEST_CASE("a damaged file can be signed when that is asked for") {
  const Folder folder;
  for (const std::string name :
       {"no-startxref.pdf", "prev-beyond-end.pdf", "table-offsets-wrong.pdf"}) {
    INFO(name);
    const std::string out = folder / name;
    sign(data_path("bad/" + name), out, {}, Damaged::allow);
    CHECK(pdfsig(out).valid == 1);
    CHECK(qpdf_check(out).find("WARNING") == std::string::npos);
  }
}

TEST_CASE("a damaged file that is signed is refused even then") {
  const Folder folder;
  sign(data_path("classic-xref.pdf"), folder / "signed.pdf");
  std::string text(as_text(contents_of(folder / "signed.pdf")));
  const std::size_t last = text.rfind("startxref");
  text.replace(last, 11, "startxref\n1");
  folder.write("signed.pdf", text);
  CHECK(failure([&] { sign(folder / "signed.pdf", folder / "out.pdf", {}, Damaged::allow); }) ==
        "policy-refused / cannot sign signed.pdf: it is damaged and signed: signing it would break "
        "what it holds");
}

}  // namespace
}  // namespace tsp::pdf::test
