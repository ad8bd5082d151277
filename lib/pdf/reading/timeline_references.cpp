// Who refers to what.
#include <algorithm>
#include <array>

#include "pdf/reading/timeline.h"

namespace tsp::pdf {
namespace {

// Table 34 (resources), Table 170 (appearances), 9.6.5 (glyphs); groups (11.6.6) and what tells
// whether content is shown (8.11) have keys that are a field's as well.
constexpr std::array<std::string_view, 15> kDrawnByName{
    "Font", "XObject",   "ExtGState", "ColorSpace", "Pattern", "Shading",   "Properties", "AP",
    "N",    "CharProcs", "R",         "D",          "OC",      "Resources", "Group"};

constexpr std::array<std::string_view, 3> kOfTrailers{"Root", "Encrypt", "Info"};

// Whether it is the very value of such a key.
bool is_trailers(const Value& dictionary, const Value& reference) {
  return std::any_of(kOfTrailers.begin(), kOfTrailers.end(),
                     [&](std::string_view key) { return &dictionary.get(key) == &reference; });
}

bool draws_by_name(std::string_view key) {
  return std::find(kDrawnByName.begin(), kDrawnByName.end(), key) != kDrawnByName.end();
}

// References that are values of such keys.
void for_each_drawn(const Value& value, const std::function<void(const Value&)>& visit) {
  for (const Value& other : value.others) for_each_drawn(other, visit);
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (!value.items[i].is_reference())
      for_each_drawn(value.items[i], visit);
    else if (value.is_dictionary() && draws_by_name(value.keys[i]))
      visit(value.items[i]);
  }
}

}  // namespace

// In the order of the file, so that each piece of it is read once.
void Timeline::count_all() {
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  std::vector<std::pair<Key, std::uint64_t>> order;
  order.reserve(before_.size());
  for (const auto& [number, entry] : before_) {
    Key key{entry.placed.where, 0};
    if (entry.placed.kind == Placed::Kind::packed) {
      const Entry* holds = this->entry(entry.placed.where, Side::before);
      key = {holds == nullptr ? 0 : holds->placed.where, entry.placed.detail + 1};
    }
    order.emplace_back(key, number);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [key, number] : order) {
    const Entry& entry = before_.at(number);
    const auto object = entry.placed.kind == Placed::Kind::plain
                            ? read_plain(number, entry, Side::before)
                            : read_packed(number, entry, Side::before);
    if (object->stream && !has_type(*object, "XRef")) length_of(*object, Side::before);
    count(number, *object, 1);
    read_.clear();
  }
}

// The dictionary of the file's own cross-reference stream is a trailer, and refers to what trailers
// do; what else stands in it may be a form's that the page draws.
void Timeline::count(std::uint64_t holder, const Object& object, int by) {
  std::unordered_set<std::uint64_t> counted;
  const auto add = [&](const Value& each) {
    if (object.section && is_trailers(object.value, each)) return;
    Referrers& known = references_[each.number];
    known.times += by;
    if (!counted.insert(each.number).second) return;
    known.objects += by;
    known.holder += by > 0 ? holder : -holder;
  };
  for_each_reference(object.value, add);
  for_each_drawn(object.value, [&](const Value& each) { references_[each.number].drawn += by; });
}

void Timeline::count_lost() {
  lost_.clear();
  if (removed_.empty()) return;
  const auto look_at = [&](const Object& object, int by) {
    std::unordered_set<std::uint64_t> counted;
    for_each_reference(object.value, [&](const Value& each) {
      if (removed_.count(each.number) > 0 && counted.insert(each.number).second)
        lost_[each.number] += by;
    });
  };
  for (const std::uint64_t number : touched_) {
    look_at(before(number), 1);
    look_at(after(number), -1);
  }
  for (const std::uint64_t number : removed_) look_at(before(number), 1);
}

Timeline::Referrers Timeline::referrers_before(std::uint64_t number) const {
  const auto found = references_.find(number);
  return found == references_.end() ? Referrers{} : found->second;
}

bool Timeline::is_in_trailer_before(std::uint64_t number) const {
  const auto leads = [&](std::string_view key) {
    const Value& value = trailer_before_.get(key);
    return value.is_reference() && value.number == number;
  };
  return std::any_of(kOfTrailers.begin(), kOfTrailers.end(), leads);
}

int Timeline::references_after(std::uint64_t removed) const {
  const auto lost = lost_.find(removed);
  return references_before(removed) - (lost == lost_.end() ? 0 : lost->second);
}

}  // namespace tsp::pdf
