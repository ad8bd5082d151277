#include "pdf/draw.h"

#include <fmt/format.h>

#include <cmath>
#include <mutex>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "pdf/draw_letters.h"
#include "pdf/draw_loader.h"

namespace tsp::pdf {
namespace {

constexpr const char* kDejaVuSans = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
constexpr double kLeastSide = 1, kMostSide = 14400;  // points; ISO 32000-1 annex C.2
constexpr std::size_t kMostLetters = 4000;
constexpr std::size_t kMostNamed = 8;  // letters in an error message
constexpr const char* kFailed = "cannot draw the visible signature";
constexpr const char* kNothingSigned = " Nothing was signed.";

std::mutex& drawing_mutex() {
  static std::mutex mutex;
  return mutex;
}

std::string font_or_default(const std::string& font_file) {
  std::string out = font_file.empty() ? kDejaVuSans : font_file;
  if (!exists(out)) {
    throw Error(Fault::not_found, kFailed, "the font " + out + " is not there",
                std::string("Install the package fonts-dejavu-core.") + kNothingSigned);
  }
  return out;
}

[[noreturn]] void refuse_input(const std::string& why, const std::string& next) {
  throw Error(Fault::bad_input, kFailed, why, next + kNothingSigned);
}

[[noreturn]] void refuse_drawing(const std::string& why, const std::string& next) {
  throw Error(Fault::policy_refused, kFailed, why, next + kNothingSigned);
}

void judge(const drawing::Answer& answer, const std::string& font_file) {
  switch (answer.outcome) {
    case drawing::Outcome::done:
      return;
    case drawing::Outcome::bad_picture:
      refuse_input(answer.why, "Give a PNG with --image.");
    case drawing::Outcome::bad_font:
      refuse_input("the font " + font_file + " cannot be used: " + answer.why,
                   "Give a TrueType font with TrueType outlines.");
    case drawing::Outcome::too_long:
      refuse_drawing(
          "the text does not fit into the box, not even at 4 points",
          fmt::format("Give a larger box with --visible: {:.0f} × {:.0f} points are enough.",
                      answer.width, answer.height));
    case drawing::Outcome::failed:
      break;
  }
  throw Error(Fault::failed, kFailed, answer.why, "Nothing was signed.");
}

std::u32string undrawable_of(const std::u32string& text, const std::string& font_file) {
  std::u32string alone, out;
  const auto add = [](std::u32string& to, char32_t letter) {
    if (to.find(letter) == std::u32string::npos) to += letter;
  };
  for (const char32_t letter : text) add(stands_alone(letter) ? alone : out, letter);
  drawing::Answer answer;
  {
    const std::lock_guard lock(drawing_mutex());
    drawing_module().missing(font_file, alone, answer);
  }
  judge(answer, font_file);
  for (const char32_t letter : answer.missing) add(out, letter);
  return out;
}

// "U+0645 م, U+05D0 א and 3 more"; what would not show, or would change what is beside it, goes by
// its number alone.
std::string names_of(const std::u32string& letters) {
  std::string out;
  for (std::size_t i = 0; i < letters.size() && i < kMostNamed; ++i) {
    const char32_t letter = letters[i];
    const bool mark = (letter >= 0x300 && letter < 0x370) || letter == 0xfffd;
    const std::string shown = printable(to_utf8(std::u32string_view(&letter, 1)));
    out += fmt::format("{}U+{:04X}", i == 0 ? "" : ", ", static_cast<std::uint32_t>(letter));
    if (!mark && letter >= 0x20 && shown != "\xef\xbf\xbd") out += " " + shown;
  }
  if (letters.size() > kMostNamed) out += fmt::format(" and {} more", letters.size() - kMostNamed);
  return out;
}

void check_shape(const Appearance& appearance) {
  for (const double side : {appearance.width, appearance.height}) {
    if (!(side >= kLeastSide && side <= kMostSide))
      refuse_input("the box has no sound size", "Give 1 to 14400 points a side.");
  }
}

std::vector<std::u32string> lines_of(const Appearance& appearance) {
  std::vector<std::u32string> out;
  std::size_t letters = 0;
  for (const std::string& line : appearance.lines) {
    if (line.empty()) continue;
    out.push_back(code_points(line));
    letters += out.back().size();
  }
  if (letters > kMostLetters)
    refuse_drawing(fmt::format("the text has {} letters; at most {}", letters, kMostLetters),
                   "Shorten the text.");
  return out;
}

}  // namespace

std::u32string undrawable(const std::string& text, const std::string& font_file) {
  return undrawable_of(code_points(text), font_or_default(font_file));
}

Bytes draw_appearance(const Appearance& appearance) {
  check_shape(appearance);
  drawing::Drawing order{
      appearance.width, appearance.height, lines_of(appearance), appearance.png, {}};
  if (order.lines.empty() && order.png.empty())
    refuse_input("there is neither text nor picture", "Give a picture with --image.");
  if (!order.lines.empty()) {
    order.font_file = font_or_default(appearance.font_file);
    std::u32string all;
    for (const std::u32string& line : order.lines) all += line;
    if (const std::u32string letters = undrawable_of(all, order.font_file); !letters.empty())
      refuse_drawing(
          "these letters cannot be drawn: " + names_of(letters),
          "Give a picture with --image, which stands for the lines that cannot be drawn.");
  }
  drawing::Answer answer;
  {
    const std::lock_guard lock(drawing_mutex());
    drawing_module().draw(order, answer);
  }
  judge(answer, order.font_file);
  return std::move(answer.pdf);
}

}  // namespace tsp::pdf
