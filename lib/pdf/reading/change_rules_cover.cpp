// How much of a page a field takes.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>

#include "pdf/reading/change_rules.h"

namespace tsp::pdf {
namespace {

constexpr int kAncestors = 50;
// A page is never taken for larger than a sheet of A4: its content may fill a corner only.
constexpr double kSheet = 595.28 * 841.89;
constexpr std::uint64_t kHidden = 2;  // Table 165
constexpr std::uint64_t kFlagsLimit = 0x7fffffff;
// What all readers take for a number (Annex C).
constexpr double kCoordinateLimit = 32767;
constexpr int kAppearanceDepth = 3;  // the dictionary, what it is for, and its states
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
    char* end = nullptr;
    sides[i] = std::strtod(side.text.c_str(), &end);
    // Of "5-95" readers make one number or the other.
    if (end != side.text.c_str() + side.text.size()) return std::nullopt;
  }
  const Corners out{std::min(sides[0], sides[2]), std::min(sides[1], sides[3]),
                    std::max(sides[0], sides[2]), std::max(sides[1], sides[3])};
  if (!std::isfinite(area_of(out))) return std::nullopt;
  return out;
}

bool is_bounded(const Corners& box) {
  return std::min(box.left, box.low) >= -kCoordinateLimit &&
         std::max(box.right, box.high) <= kCoordinateLimit;
}

}  // namespace

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
  if (is_hidden(widget)) return out;
  const Value& box = widget.get("Rect");
  // A field whose widgets are others.
  if (box.is_null() && !widget.has("Subtype") && shown.page == 0) return out;
  const auto own =
      corners_of(time_.after(box), [&](const Value& each) { return time_.after(each); });
  out.part = own && shown.area > 0 ? std::min(area_of(*own) / shown.area, kAll) : kAll;
  if (own && area_of(*own) == 0) out.part = 0;
  return out;
}

std::optional<std::uint64_t> ChangeRules::flags_of(const Value& holder, const char* key) {
  const Value& flags = time_.after(holder.get(key));
  if (flags.is_null()) return 0;
  const auto number = flags.whole();
  return number && *number <= kFlagsLimit ? number : std::nullopt;
}

bool ChangeRules::is_hidden(const Value& widget) {
  return (flags_of(widget, "F").value_or(0) & kHidden) != 0;
}

Cover ChangeRules::cover_of_new(const Value& widget, std::uint64_t number) {
  Cover out = cover_of(widget, number);
  if (!is_hidden(widget) && !stays_in_place(widget.get("AP"), kAppearanceDepth)) out.part = kAll;
  return out;
}

// Readers scale an appearance by its /BBox and cut it there: without one that they can read, some
// draw it over the page, however small the widget is. A box without any area cuts off everything,
// as who writes invisible signatures means it; some of them write no box, and no content.
bool ChangeRules::stays_in_place(const Value& appearance, int depth) {
  const Value& is = time_.after(appearance);
  if (depth == 0 || !is.is_dictionary()) return true;
  if (is_stream(appearance)) {
    const auto read = [&](const Value& each) { return time_.after(each); };
    const auto box = corners_of(time_.after(is.get("BBox")), read);
    const bool is_empty = time_.after(is.get("Length")).whole() == 0;
    return depth < kAppearanceDepth && (is_empty || (box && is_bounded(*box)));
  }
  return std::all_of(is.items.begin(), is.items.end(),
                     [&](const Value& each) { return stays_in_place(each, depth - 1); });
}

std::vector<Cover> ChangeRules::covers_now(const Node& node) {
  std::vector<Cover> out = covers_of(node);
  const Cover own = cover_of_new(time_.after(node.number).value, node.number);
  const bool is_known = std::any_of(out.begin(), out.end(), [&](const Cover& each) {
    return each.widget == own.widget && each.part >= own.part;
  });
  if (own.part > 0 && !is_known) out.push_back(own);
  return out;
}

std::vector<Cover> ChangeRules::covers_of(const Node& node) const {
  const auto begin = covers_.begin();
  return {begin + static_cast<std::ptrdiff_t>(node.first),
          begin + static_cast<std::ptrdiff_t>(node.last)};
}

}  // namespace tsp::pdf
