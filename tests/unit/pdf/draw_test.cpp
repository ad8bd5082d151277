#include "pdf/draw.h"

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "pdf/draw_letters.h"
#include "support/catch.h"
#include "support/command.h"
#include "support/png.h"

using namespace tsp;
using namespace tsp::pdf;
using namespace tsp::test;

namespace {

Appearance of_lines(std::vector<std::string> lines) {
  return {.width = 220, .height = 70, .lines = std::move(lines), .png = {}, .font_file = {}};
}

Appearance of_picture(Bytes png) {
  return {.width = 120, .height = 60, .lines = {}, .png = std::move(png), .font_file = {}};
}

// What a tool of poppler or qpdf says about the drawing; `%` stands for the file.
std::string refusal_told(const Appearance& appearance, std::string command) {
  Folder folder;
  const std::string path = folder.put("drawn.pdf", draw_appearance(appearance));
  command.replace(command.find('%'), 1, path);
  const Answer answer = run(command);
  CHECK(answer.status == 0);
  return answer.output;
}

std::string text_in(const Appearance& appearance) {
  return refusal_told(appearance, "pdftotext -layout -nopgbrk % -");
}

Error refusal(const Appearance& appearance) {
  try {
    draw_appearance(appearance);
  } catch (const Error& error) {
    return error;
  }
  FAIL("drawn without complaint");
  throw;
}

}  // namespace

TEST_CASE("Latin text is extracted as it was given") {
  CHECK(
      text_in(of_lines({"Zoë Łukasiewicz-Ñandú", "I approve: “50 %” – all of it", "2026-03-01"})) ==
      "Zoë Łukasiewicz-Ñandú\nI approve: “50 %” – all of it\n2026-03-01\n");
}

TEST_CASE("Greek text is extracted as it was given") {
  CHECK(text_in(of_lines({"Ελένη Παπαδοπούλου", "Ἐν ἀρχῇ ἦν ὁ λόγος"})) ==
        "Ελένη Παπαδοπούλου\nἘν ἀρχῇ ἦν ὁ λόγος\n");
}

TEST_CASE("Cyrillic text is extracted as it was given") {
  CHECK(text_in(of_lines({"Юлія Їжакевич", "Щёлково, Ђорђе, Ѓорѓи"})) ==
        "Юлія Їжакевич\nЩёлково, Ђорђе, Ѓорѓи\n");
}

TEST_CASE("the font is embedded as a subset with a map to Unicode") {
  const std::string fonts =
      refusal_told(of_lines({"Ада Lovelace Ωμέγα"}), "pdffonts % | tail -n +3");
  CHECK_THAT(fonts, ContainsSubstring("+DejaVuSans"));
  CHECK_THAT(fonts, ContainsSubstring("CID TrueType      Identity-H       yes yes yes"));
  CHECK(std::count(fonts.begin(), fonts.end(), '\n') == 1);
}

TEST_CASE("the page is exactly as large as asked and one page") {
  Appearance odd = of_lines({"Ada"});
  odd.width = 181.25;
  odd.height = 47.5;
  const std::string info = refusal_told(odd, "pdfinfo -box %");
  CHECK_THAT(info, ContainsSubstring("Pages:           1\n"));
  CHECK_THAT(info, ContainsSubstring("MediaBox:            0.00     0.00   181.25    47.50"));
}

TEST_CASE("a drawing has one content stream and its resources on the page") {
  const std::string page = refusal_told(of_lines({"Ada"}), "qpdf --json --json-key=qpdf %");
  CHECK_THAT(page, ContainsSubstring("\"/Contents\": \"") && ContainsSubstring("\"/Resources\": "));
  CHECK_THAT(refusal_told(of_lines({"Ada"}), "qpdf --check %"),
             ContainsSubstring("No syntax or stream"));
}

TEST_CASE("the first line is larger than the others") {
  const std::string boxes = refusal_told(of_lines({"Same", "Same"}),
                                         "pdftotext -bbox % - | grep -o 'yM[a-z]*=\"[0-9.]*\"'");
  double at[4] = {};
  REQUIRE(std::sscanf(boxes.c_str(), "yMin=\"%lf\"\nyMax=\"%lf\"\nyMin=\"%lf\"\nyMax=\"%lf\"",
                      &at[0], &at[1], &at[2], &at[3]) == 4);
  CHECK(at[1] - at[0] > 1.2 * (at[3] - at[2]));
}

TEST_CASE("long text is broken at spaces and stays whole") {
  std::string reason = "I have read every page";
  for (int i = 0; i < 12; ++i) reason += " and the annex numbered " + std::to_string(i);
  std::string text = refusal_told(of_lines({"Ada Lovelace", reason}), "pdftotext -nopgbrk % -");
  std::replace(text.begin(), text.end(), '\n', ' ');
  CHECK(text.substr(0, text.find_last_not_of(' ') + 1) == "Ada Lovelace " + reason);
}

TEST_CASE("text that does not fit is refused and a box that is large enough is named") {
  Appearance small = of_lines({"Ada", std::string(60, 'W')});
  small.width = 60;
  small.height = 20;
  const Error error = refusal(small);
  CHECK(error.fault == Fault::policy_refused);
  int width = 0, height = 0;
  REQUIRE(std::sscanf(error.next.c_str(), "Give a larger box with --visible: %d × %d points",
                      &width, &height) == 2);
  small.width = width;
  small.height = height;
  CHECK_NOTHROW(draw_appearance(small));
}

TEST_CASE("letters that need shaping are refused by name with --image as the way out") {
  struct Case {
    const char* text;
    const char* named;
  };
  const Case cases[] = {{"مرحبا", "U+0645 م"},  {"שלום", "U+05E9 ש"},      {"नमस्ते", "U+0928 न"},
                        {"ไทย", "U+0E44 ไ"},    {"e\u0301", "U+0301"},     {"日本", "U+65E5 日"},
                        {"a\u202eb", "U+202E"}, {"\U0001F600", "U+1F600"}, {"tab\there", "U+0009"},
                        {"\xff", "U+FFFD"}};
  for (const Case& c : cases) {
    const Error error = refusal(of_lines({"Ada", c.text}));
    CHECK(error.fault == Fault::policy_refused);
    CHECK_THAT(error.why, ContainsSubstring(c.named));
    CHECK_THAT(error.next, ContainsSubstring("--image"));
    CHECK(is_utf8(error.message));
  }
}

TEST_CASE("a refusal names at most eight letters") {
  CHECK_THAT(refusal(of_lines({"אבגדהוזחטיכ"})).why, ContainsSubstring(" and 3 more"));
}

TEST_CASE("undrawable gives each letter once and nothing for what can be drawn") {
  CHECK(undrawable("Ada Ωμέγα Юлия €").empty());
  CHECK(undrawable("aשbש日") == U"ש日");
}

TEST_CASE("combining marks stand never alone") {
  for (const int letter : {0x300, 0x36f, 0x483, 0x489, 0x591, 0x1ab0, 0x1dc0, 0x20d0, 0x302a,
                           0x3099, 0xa66f, 0xfe20, 0xfe0f, 0x200d, 0xad})
    CHECK_FALSE(stands_alone(static_cast<char32_t>(letter)));
}

TEST_CASE("a font that is missing or is none is refused") {
  Folder folder;
  Appearance appearance = of_lines({"Ada"});
  appearance.font_file = folder.file("none.ttf");
  CHECK(refusal(appearance).fault == Fault::not_found);
  appearance.font_file = folder.put("text.ttf", "not a font");
  CHECK(refusal(appearance).fault == Fault::bad_input);
}

TEST_CASE("an appearance without text and picture is refused") {
  CHECK(refusal(of_lines({})).fault == Fault::bad_input);
  CHECK(refusal(of_lines({"", ""})).fault == Fault::bad_input);
}

TEST_CASE("a box of no sound size is refused") {
  for (const double side : {0.0, -5.0, 1e9, std::numeric_limits<double>::quiet_NaN(),
                            std::numeric_limits<double>::infinity()}) {
    Appearance appearance = of_lines({"Ada"});
    appearance.height = side;
    CHECK(refusal(appearance).fault == Fault::bad_input);
  }
}

TEST_CASE("4001 letters are refused") {
  CHECK(refusal(of_lines({std::string(4001, 'a')})).fault == Fault::policy_refused);
}

TEST_CASE("a picture with alpha is drawn through a soft mask") {
  const std::string images = refusal_told(
      of_picture(png_of({.width = 40, .height = 20, .alpha = true})), "pdfimages -list %");
  CHECK_THAT(images, ContainsSubstring("image      40    20  rgb"));
  CHECK_THAT(images, ContainsSubstring("smask      40    20  gray"));
}

TEST_CASE("an opaque picture has no soft mask") {
  const std::string images =
      refusal_told(of_picture(png_of({.width = 40, .height = 20})), "pdfimages -list %");
  CHECK_THAT(images, ContainsSubstring("image      40    20  rgb"));
  CHECK(images.find("smask") == std::string::npos);
}

TEST_CASE("a large picture is averaged down, but not below 300 dots an inch") {
  // A box of 120 × 60 points has 500 × 250 such dots; a third of 2000 × 1000 pixels is more.
  const std::string images =
      refusal_told(of_picture(png_of({.width = 2000, .height = 1000})), "pdfimages -list %");
  CHECK_THAT(images, ContainsSubstring("image     667   334"));
}

TEST_CASE("a picture stands at the left of the text") {
  Appearance both = of_lines({"Ada Lovelace", "2026-03-01"});
  both.png = png_of({.width = 30, .height = 30});
  CHECK(text_in(both).find("Ada Lovelace") != std::string::npos);
  const std::string box =
      refusal_told(both, "pdftotext -bbox % - | grep -o -m1 'xMin=\"[0-9.]*\"'");
  double left = 0;
  REQUIRE(std::sscanf(box.c_str(), "xMin=\"%lf\"", &left) == 1);
  CHECK(left > 50);
}

TEST_CASE("hostile pictures are refused") {
  const Bytes good = png_of({.width = 64, .height = 64});
  Bytes text = to_bytes(as_bytes("GIF89a, not a PNG at all"));
  Bytes flipped = good;
  flipped[good.size() / 2] ^= 0x40;
  Bytes one_octet(1, 0x89);
  const Bytes cases[] = {text,
                         flipped,
                         one_octet,
                         png_of({.width = 4097, .height = 1}),
                         png_of({.width = 1, .height = 4097}),
                         png_of({.width = 0, .height = 10}),
                         png_of({.width = 0x7fffffff, .height = 0x7fffffff, .rows = 1}),
                         png_of({.width = 64, .height = 64, .rows = 3}),
                         png_of({.width = 8, .height = 8, .animated = true})};
  for (const Bytes& png : cases) CHECK(refusal(of_picture(png)).fault == Fault::bad_input);
}

TEST_CASE("a PNG cut off anywhere is refused") {
  const Bytes good = png_of({.width = 16, .height = 16});
  for (std::size_t size = 1; size < good.size(); ++size)
    CHECK(refusal(of_picture({good.begin(), good.begin() + static_cast<long>(size)})).fault ==
          Fault::bad_input);
}

TEST_CASE("a zero-octet PNG counts as no picture") {
  CHECK(refusal(of_picture({})).fault == Fault::bad_input);
}

TEST_CASE("4096 × 4096 pixels are drawn") {
  CHECK_NOTHROW(draw_appearance(of_picture(png_of({.width = 4096, .height = 4096}))));
}
