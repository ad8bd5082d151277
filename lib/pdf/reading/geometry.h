// Where a visible signature stands, ISO 32000-1 8.3.2.3 and 12.5.5.
#pragma once

#include "pdf/reading/pages.h"
#include "pdf/revision.h"

namespace tsp::pdf {

// From points on the page as it is shown (turned by /Rotate, cut by /CropBox, scaled by /UserUnit)
// to /Rect in default user space. Error{bad_input} when the box is empty or not on the page.
Box placed(const Page& page, const Placement& placement);

// /Matrix of the appearance that makes it stand upright on a page turned by `rotation`.
std::string upright(int rotation);

// Numbers as PDF writes them: no exponent, no trailing zeros.
std::string number(double value);
std::string box_array(const Box& box);

}  // namespace tsp::pdf
