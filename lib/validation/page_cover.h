// How much of a page shows something else than was signed, through fields that were filled in or
// signed since. Each may be small; a document prepared with fields side by side is shown as another
// one when all are filled in.
#pragma once

#include <map>
#include <utility>

#include "pdf/changes.h"

namespace tsp::validation {

class PageCover {
 public:
  // The page of which most is covered, by its object number, and how much. Widgets that overlap
  // count each, one that was filled in twice counts once, with the more that it took; what no page
  // shows counts as a page.
  struct Most {
    std::uint64_t page = 0;
    double part = 0;  // 1: all of it, where the widgets do not overlap
  };
  void add(const pdf::Change& change);
  const Most& most() const { return most_; }

 private:
  std::map<std::pair<std::uint64_t, std::uint64_t>, double> widgets_;  // page, widget
  std::map<std::uint64_t, double> pages_;
  Most most_;
};

}  // namespace tsp::validation
