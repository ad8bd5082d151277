// Where picture and text stand in the box of a signature. Pure arithmetic; widths of letters come
// from the caller.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tsp::pdf::drawing {

inline constexpr double kLeastFontSize = 4;  // points; smaller text cannot be read
inline constexpr double kFirstLine = 1.25;   // the first line's size, times the others'

// Points from the lower left corner.
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

// Where a frame, a picture of width : height = `aspect` (0: none) and text go in a box.
struct Areas {
  Box picture, text;
};
Areas divide(double width, double height, double aspect, bool has_text);

// The same picture as large as `area` allows, in its middle.
Box fit_picture(const Box& area, double aspect);

struct Line {
  std::u32string text;
  double x = 0, baseline = 0, size = 0;
  bool first = false;  // of the first line asked for, or a row broken off it
};

// The font at size 1.
struct FontShape {
  std::function<double(char32_t)> width;
  double ascent = 0, descent = 0;  // both positive
};

// Lines for `area`: every letter is there, at the largest size that fits, down to kLeastFontSize;
// broken at spaces only, and only where the text would otherwise be hard to read. Nothing: it does
// not fit at the least size.
std::optional<std::vector<Line>> lay_out(const std::vector<std::u32string>& lines, const Box& area,
                                         const FontShape& font);

}  // namespace tsp::pdf::drawing
