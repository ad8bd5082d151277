// Whether two values are the same.
#include <algorithm>
#include <array>

#include "pdf/reading/value.h"

namespace tsp::pdf {
namespace {

// 7.9.5: of numbers, which all readers take as integers or reals alike; writers that copy a page
// turn the one into the other.
bool same_rectangle(std::string_view key, const Value& a, const Value& b) {
  constexpr std::array<std::string_view, 7> kKeys{"MediaBox", "CropBox", "BleedBox", "TrimBox",
                                                  "ArtBox",   "Rect",    "BBox"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end() && a.is_array() &&
         b.is_array() &&
         std::ranges::equal(a.items, b.items, [](const Value& one, const Value& other) {
           return one.is(Value::Kind::number) && other.is(Value::Kind::number) &&
                  one.text == other.text;
         });
}

// Of dictionaries with the same keys.
bool same_entries(const Value& a, const Value& b) {
  for (std::size_t i = 0; i < a.items.size(); ++i)
    if (!(a.items[i] == b.items[i]) && !same_rectangle(a.keys[i], a.items[i], b.items[i]))
      return false;
  return true;
}

}  // namespace

// Nested no deeper than read_value() allows.
bool operator==(const Value& a, const Value& b) {
  return a.kind == b.kind && a.real == b.real && a.text == b.text && a.number == b.number &&
         a.generation == b.generation && a.keys == b.keys && a.others == b.others &&
         (a.is_dictionary() ? same_entries(a, b) : a.items == b.items);
}

}  // namespace tsp::pdf
