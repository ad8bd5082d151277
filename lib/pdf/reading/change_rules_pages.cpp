// The rules for pages: their annotations.
#include "pdf/reading/change_rules.h"

namespace tsp::pdf {
namespace {

// Notes that accompany the content and, without an appearance of their own, cannot hide it. Mark-up
// can: readers draw it in any colour over any part of the page.
const std::set<std::string> kNotes{"Text", "Popup"};

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

}  // namespace tsp::pdf
