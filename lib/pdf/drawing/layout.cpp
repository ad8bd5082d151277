#include "pdf/drawing/layout.h"

#include <algorithm>
#include <cmath>

namespace tsp::pdf::drawing {
namespace {

constexpr double kLineHeight = 1.2;        // times the font size
constexpr double kStep = 0.25;             // between the sizes tried
constexpr double kReadable = 6;            // points: text is broken rather than set smaller
constexpr double kMostPictureShare = 0.4;  // of the width, beside text

double width_of(const std::u32string& text, const FontShape& font) {
  double out = 0;
  for (const char32_t letter : text) out += font.width(letter);
  return out;
}

// The words of one line, put into rows no wider than `most` (at size 1). Nothing: a word is wider.
std::optional<std::vector<std::u32string>> broken(const std::u32string& line, double most,
                                                  const FontShape& font) {
  std::vector<std::u32string> rows(1);
  double width = 0;
  const double space = font.width(U' ');
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(U' ', at), line.size());
    const std::u32string word = line.substr(at, end - at);
    const double word_width = width_of(word, font);
    if (word_width > most) return std::nullopt;
    if (!rows.back().empty() && width + space + word_width > most) {
      rows.emplace_back();
      width = 0;
    }
    if (!rows.back().empty()) {
      rows.back() += U' ';
      width += space;
    }
    rows.back() += word;
    width += word_width;
    at = end + 1;
  }
  return rows;
}

struct Row {
  std::u32string text;
  double size = 0;
  bool first = false;
};

// 9 to 14 points: text that fills its box to the brim looks like a poster.
double most_size(const Box& area) {
  return std::clamp(std::floor(std::min(area.height / 6, area.width / 12)), 9.0, 14.0);
}

enum class Break { never, at_spaces };

// The rows at body size `size`; nothing when they are too wide or too high.
std::optional<std::vector<Row>> rows_at(double size, const std::vector<std::u32string>& lines,
                                        const Box& area, const FontShape& font, Break may) {
  std::vector<Row> out;
  double height = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const double line_size = i == 0 ? size * kFirstLine : size;
    const double most = area.width / line_size;
    if (may == Break::never) {
      if (width_of(lines[i], font) > most) return std::nullopt;
      out.push_back({lines[i], line_size, i == 0});
      height += line_size * kLineHeight;
      continue;
    }
    const auto rows = broken(lines[i], most, font);
    if (!rows) return std::nullopt;
    for (const std::u32string& row : *rows) out.push_back({row, line_size, i == 0});
    height += line_size * kLineHeight * static_cast<double>(rows->size());
  }
  if (height > area.height) return std::nullopt;
  return out;
}

// The largest body size at which the text fits, and its rows.
std::optional<std::vector<Row>> largest(const std::vector<std::u32string>& lines, const Box& area,
                                        const FontShape& font, Break may, double least) {
  const double most = most_size(area);
  for (int step = 0; most - step * kStep >= least; ++step)
    if (auto rows = rows_at(most - step * kStep, lines, area, font, may)) return rows;
  return std::nullopt;
}

}  // namespace

Areas divide(double width, double height, double aspect, bool has_text) {
  const double margin = std::clamp(std::min(width, height) * 0.1, 1.0, 8.0);
  const Box inner{margin, margin, std::max(width - 2 * margin, 0.0),
                  std::max(height - 2 * margin, 0.0)};
  if (!has_text) return {{0, 0, width, height}, {}};
  if (aspect <= 0) return {{}, inner};
  const double share = std::min(inner.height * aspect, inner.width * kMostPictureShare);
  Areas out{inner, inner};
  out.picture.width = share;
  out.text.x += share + margin;
  out.text.width = std::max(inner.width - share - margin, 0.0);
  return out;
}

Box fit_picture(const Box& area, double aspect) {
  Box out = area;
  out.width = std::min(area.width, area.height * aspect);
  out.height = out.width / aspect;
  out.x += (area.width - out.width) / 2;
  out.y += (area.height - out.height) / 2;
  return out;
}

std::optional<std::vector<Line>> lay_out(const std::vector<std::u32string>& lines, const Box& area,
                                         const FontShape& font) {
  auto rows = largest(lines, area, font, Break::never, kReadable);
  if (!rows) rows = largest(lines, area, font, Break::at_spaces, kLeastFontSize);
  if (!rows) return std::nullopt;
  double height = 0;
  for (const Row& row : *rows) height += row.size * kLineHeight;
  double top = area.y + area.height - (area.height - height) / 2;
  std::vector<Line> out;
  for (Row& row : *rows) {
    // The letters stand in the middle of their line: half of what is left above, half below.
    const double slack = row.size * (kLineHeight - font.ascent - font.descent) / 2;
    out.push_back(
        {std::move(row.text), area.x, top - slack - row.size * font.ascent, row.size, row.first});
    top -= row.size * kLineHeight;
  }
  return out;
}

}  // namespace tsp::pdf::drawing
