#include "pdf/reading/change_place.h"

namespace tsp::pdf {
namespace {

constexpr int kOwnersDepth = 100;

}  // namespace

bool Place::owns(const Timeline& time, std::uint64_t number) const {
  if (was_.is_null()) return false;
  for (int depth = 0; depth < kOwnersDepth; ++depth) {
    const Timeline::Referrers referrers = time.referrers_before(number);
    if (referrers.objects != 1 || time.is_in_trailer_before(number)) return false;
    if (referrers.holder != holder_) {
      number = referrers.holder;
      continue;
    }
    if (!counted_) for_each_reference(was_, [&](const Value& each) { ++times_[each.number]; });
    counted_ = true;
    const auto found = times_.find(number);
    return time.referrers_before(holder_).drawn == 0 && found != times_.end() &&
           found->second == referrers.times;
  }
  return false;
}

}  // namespace tsp::pdf
