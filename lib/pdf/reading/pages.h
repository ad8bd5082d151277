// The page tree, walked by us: ISO 32000-1 7.7.3. The library's own walk repairs and renumbers.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "pdf/reading/open.h"

namespace tsp::pdf {

// Left, bottom, right, top, in default user space, sorted.
using Box = std::array<double, 4>;

struct Page {
  QPDFObjectHandle object;
  Box box{0, 0, 612, 792};  // what is shown: /CropBox within /MediaBox
  int rotation = 0;         // 0, 90, 180, 270, clockwise
};

struct PageTree {
  std::vector<Page> pages;
  std::map<QPDFObjGen, int> numbers;  // from 1; the first place of a page that stands twice
};

// Error{bad_input} for a tree that loops, is deeper than 200 nodes or larger than kPageLimit, or
// has kids that are no dictionaries. No pages is not an error here.
inline constexpr std::size_t kPageLimit = 200000;
PageTree read_pages(const Opened& document);

// Four finite numbers below 10^7 with an area; sorted.
std::optional<Box> box_of(QPDFObjectHandle object);

}  // namespace tsp::pdf
