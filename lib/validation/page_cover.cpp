#include "validation/page_cover.h"

namespace tsp::validation {

void PageCover::add(const pdf::Change& change) {
  for (const pdf::Cover& each : change.covers) {
    if (!seen_.emplace(each.page, each.widget).second) continue;
    double& part = pages_[each.page];
    part += each.part;
    if (part > most_.part) most_ = {each.page, part};
  }
}

}  // namespace tsp::validation
