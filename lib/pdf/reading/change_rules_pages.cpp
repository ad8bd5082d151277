// The rules for pages: their annotations, and how much of a page one takes.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>

#include "pdf/reading/change_rules.h"

namespace tsp::pdf {
namespace {

// Notes that accompany the content and, without an appearance of their own, cannot hide it. Mark-up
// can: readers draw it in any colour over any part of the page.
const std::set<std::string> kNotes{"Text", "Popup"};
constexpr int kAncestors = 50;
// A page is never taken for larger than a sheet of A4: its content may fill a corner only.
constexpr double kSheet = 595.28 * 841.89;
constexpr std::uint64_t kHidden = 2;  // Table 165
constexpr double kAll = 1;

struct Corners {
  double left, low, right, high;
};

double area_of(const Corners& box) {
  return std::max(0.0, box.right - box.left) * std::max(0.0, box.high - box.low);
}

Corners common(const Corners& a, const Corners& b) {
  return {std::max(a.left, b.left), std::max(a.low, b.low), std::min(a.right, b.right),
          std::min(a.high, b.high)};
}

// Nothing for what is no rectangle of four finite numbers.
std::optional<Corners> corners_of(const Value& box,
                                  const std::function<Value(const Value&)>& read) {
  if (!box.is_array() || box.items.size() != 4) return std::nullopt;
  double sides[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const Value side = read(box.items[i]);
    if (!side.is(Value::Kind::number)) return std::nullopt;
    sides[i] = std::strtod(side.text.c_str(), nullptr);
  }
  const Corners out{std::min(sides[0], sides[2]), std::min(sides[1], sides[3]),
                    std::max(sides[0], sides[2]), std::max(sides[1], sides[3])};
  if (!std::isfinite(area_of(out))) return std::nullopt;
  return out;
}

}  // namespace

ChangeRules::Numbers ChangeRules::touched_pages() const {
  Numbers out;
  for (const std::uint64_t number : time_.touched()) {
    if (pages_.count(number) > 0) out.insert(number);
    if (const auto list = lists_.find(number); list != lists_.end()) out.insert(list->second);
  }
  return out;
}

// Pages that differ in nothing but their annotations.
void ChangeRules::pages() {
  for (const std::uint64_t number : touched_pages()) page(number);
}

void ChangeRules::page(std::uint64_t number) {
  const Value before = time_.before(number).value, after = time_.after(number).value;
  if (!after.is_dictionary() || time_.after(number).stream) return;
  if (time_.touched().count(number) > 0) {
    Keys keys = differing_keys(before, after);
    keys.erase("Annots");
    if (!keys.empty()) return;
    explained_.insert(number);
  }
  const Value &was = before.get("Annots"), &is = after.get("Annots");
  if (was == is && !time_.is_touched(is)) return;
  annotations(was, is, number);
  if (is.is_reference()) lists_[is.number] = number;
}

void ChangeRules::annotations(const Value& before, const Value& after, std::uint64_t page) {
  const auto more = added(before, after, page);
  if (!more)
    return note(ChangeKind::other, page, "", "annotations of a page were removed or replaced");
  for (const Value& each : *more) annotation(each, page);
}

// Whatever explains the object besides, unless it is that it is a new field's widget.
void ChangeRules::annotation(const Value& each, std::uint64_t page) {
  if (each.is_reference() && widgets_.count(each.number) > 0) return;
  // The widget of a field that was there, which another page did not show.
  if (!may_be_new(each))
    return note(ChangeKind::other, page, "", "a page shows an object as annotation that was there");
  const Value& value = time_.after(each);
  const bool is_note =
      kNotes.count(value.get("Subtype").text) > 0 && !value.has("AP") && !value.has("FT");
  explain(each, {}, {is_note ? ChangeKind::comment : ChangeKind::annotation, ""},
          is_note ? "comment" : "annotation");
}

void ChangeRules::find_shown() {
  for (const std::uint64_t number : touched_pages()) {
    const Value &was = time_.before(number).value.get("Annots"),
                &is = time_.after(number).value.get("Annots");
    if (!(was == is) || time_.is_touched(is)) learn_widgets(number);
  }
}

// The page that shows a widget counts, not the one that its /P names.
void ChangeRules::learn_widgets(std::uint64_t page) {
  const Value& list = time_.after(page).value.get("Annots");
  if (list.is_null()) return;
  double area = area_of_page(page);
  if (list.is_reference()) {
    const auto [known, is_first] = lists_.emplace(list.number, page);
    if (!is_first && known->second != page) {
      if (!shared_.insert(list.number).second) return;
      area = 0;  // each is taken to cover its page
    }
  }
  for (const Value& each : time_.after(list).items) {
    if (const Value& parent = each.get("Parent"); parent.is_reference())
      unlisted_parents_.insert(parent.number);
    if (!each.is_reference()) continue;
    Shown& shown = shown_.emplace(each.number, Shown{page, area}).first->second;
    if (area == 0 || shown.page != page) shown.area = 0;
  }
}

// Some readers take what is inherited from the pages that list it, others from what /Parent names.
double ChangeRules::area_of_page(std::uint64_t page) {
  return std::min(area_of_page(page, Above::listing), area_of_page(page, Above::parent));
}

// What is shown of it: what lies in both boxes, its own or inherited. 0 where that cannot be told.
double ChangeRules::area_of_page(std::uint64_t page, Above above) {
  const auto read = [&](const Value& each) { return time_.after(each); };
  std::optional<Corners> boxes[2];
  const char* const keys[] = {"MediaBox", "CropBox"};
  std::uint64_t number = page;
  for (int i = 0; i < kAncestors && number != 0; ++i) {
    const Value& node = time_.after(number).value;
    if (node.repeats) return 0;
    for (int key = 0; key < 2; ++key) {
      const Value& written = time_.after(node.get(keys[key]));
      if (boxes[key] || written.is_null()) continue;
      boxes[key] = corners_of(written, read);
      if (!boxes[key]) return 0;
    }
    const Value& parent = node.get("Parent");
    const auto listing = above_.find(number);
    number = above == Above::parent    ? (parent.is_reference() ? parent.number : 0)
             : listing != above_.end() ? listing->second
                                       : 0;
  }
  double least = kSheet;
  for (const auto& box : boxes)
    if (box) least = std::min(least, area_of(*box));
  if (boxes[0] && boxes[1]) {
    const double both = area_of(common(*boxes[0], *boxes[1]));
    if (both > 0) least = std::min(least, both);
  }
  return least;
}

Cover ChangeRules::cover_of(const Value& widget, std::uint64_t number) {
  const auto known = shown_.find(number);
  const Shown shown = known == shown_.end() ? Shown{0, pages_known_ ? kSheet : 0} : known->second;
  Cover out{shown.page, number, 0};
  const auto flags = time_.after(widget.get("F")).integer();
  if (flags && (*flags & kHidden) != 0) return out;
  const Value& box = widget.get("Rect");
  // A field whose widgets are others.
  if (box.is_null() && !widget.has("Subtype") && shown.page == 0) return out;
  const auto own =
      corners_of(time_.after(box), [&](const Value& each) { return time_.after(each); });
  out.part = own && shown.area > 0 ? std::min(area_of(*own) / shown.area, kAll) : kAll;
  if (own && area_of(*own) == 0) out.part = 0;
  return out;
}

std::vector<Cover> ChangeRules::covers_of(const Node& node) const {
  const auto begin = covers_.begin();
  return {begin + static_cast<std::ptrdiff_t>(node.first),
          begin + static_cast<std::ptrdiff_t>(node.last)};
}

}  // namespace tsp::pdf
