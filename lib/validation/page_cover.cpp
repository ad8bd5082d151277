#include "validation/page_cover.h"

namespace tsp::validation {

void PageCover::add(const pdf::Change& change) {
  for (const pdf::Cover& each : change.covers) {
    double& known = widgets_[{each.page, each.widget}];
    if (each.part <= known) continue;
    double& part = pages_[each.page];
    part += each.part - known;
    known = each.part;
    if (part > most_.part) most_ = {each.page, part};
  }
}

}  // namespace tsp::validation
