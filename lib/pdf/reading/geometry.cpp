#include "pdf/reading/geometry.h"

#include <fmt/format.h>

#include <cmath>

namespace tsp::pdf {
namespace {

constexpr double kSlack = 0.01;  // points that rounding may cost

double unit_of(QPDFObjectHandle page) {
  QPDFObjectHandle unit = page.getKey("/UserUnit");
  const double value = unit.isNumber() ? unit.getNumericValue() : 1.0;
  return value > 0 && value < 1e6 ? value : 1.0;
}

[[noreturn]] void refuse_size(double width, double height) {
  throw Error(Fault::bad_input, "cannot place the visible signature",
              fmt::format("its box is not on the page, which is {} by {} points", number(width),
                          number(height)),
              "nothing was changed; give a box that lies within the page");
}

}  // namespace

std::string number(double value) {
  std::string text = fmt::format("{:.4f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string box_array(const Box& box) {
  return fmt::format("[{} {} {} {}]", number(box[0]), number(box[1]), number(box[2]),
                     number(box[3]));
}

Box placed(const Page& page, const Placement& placement) {
  const double unit = unit_of(page.object);
  const double x = placement.x / unit, y = placement.y / unit, w = placement.width / unit,
               h = placement.height / unit;
  const Box& box = page.box;
  const double width = box[2] - box[0], height = box[3] - box[1];
  const bool turned = page.rotation % 180 != 0;
  const double shown_width = turned ? height : width, shown_height = turned ? width : height;
  const bool fits = w > 0 && h > 0 && x >= -kSlack && y >= -kSlack &&
                    x + w <= shown_width + kSlack && y + h <= shown_height + kSlack;
  if (!fits) refuse_size(shown_width * unit, shown_height * unit);
  switch (page.rotation) {
    case 90:
      return {box[2] - y - h, box[1] + x, box[2] - y, box[1] + x + w};
    case 180:
      return {box[2] - x - w, box[3] - y - h, box[2] - x, box[3] - y};
    case 270:
      return {box[0] + y, box[3] - x - w, box[0] + y + h, box[3] - x};
    default:
      return {box[0] + x, box[1] + y, box[0] + x + w, box[1] + y + h};
  }
}

std::string upright(int rotation) {
  switch (rotation) {
    case 90:
      return "[0 1 -1 0 0 0]";
    case 180:
      return "[-1 0 0 -1 0 0]";
    case 270:
      return "[0 -1 1 0 0 0]";
    default:
      return "[1 0 0 1 0 0]";
  }
}

}  // namespace tsp::pdf
