// The rules for pages and the interactive form: annotations, signatures in new and in empty fields,
// values of others.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "pdf/reading/change_rules.h"

namespace tsp::pdf {
namespace {

using Keys = std::set<std::string>;

// A field or widget may differ in these when it is signed, or filled in.
const Keys kWhenSigned{"V", "AP", "F", "M", "MK", "DA", "P", "Type", "Subtype"};
const Keys kWhenFilled{"V", "AP", "AS", "I", "RV", "M", "DA", "MK", "BS"};
// Notes that mark or accompany the content and, without an appearance of their own, cannot hide it.
const Keys kNotes{"Text", "Popup", "Highlight", "Underline", "Squiggly", "StrikeOut"};

constexpr int kParents = 50;
// A part of the page above which a signature's appearance may pass for its content.
constexpr double kMuchOfPage = 0.25;
// The same of a field that is filled in, which was there when the document was signed.
constexpr double kHalfOfPage = 0.5;
constexpr std::uint64_t kHidden = 2;  // Table 165

std::string_view words_for_new(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::annotation:
      return "a signature field that may hide what was signed";
    case ChangeKind::document_timestamp:
      return "a time-stamp over the document";
    default:
      return "signature in a new field";
  }
}

bool within(const Keys& keys, const Keys& allowed) {
  return std::all_of(keys.begin(), keys.end(),
                     [&](const std::string& key) { return allowed.count(key) > 0; });
}

std::optional<double> area(const Value& box) {
  if (!box.is_array() || box.items.size() != 4) return std::nullopt;
  double sides[4];
  for (std::size_t i = 0; i < 4; ++i) {
    if (!box.items[i].is(Value::Kind::number)) return std::nullopt;
    sides[i] = std::strtod(box.items[i].text.c_str(), nullptr);
  }
  return std::fabs((sides[2] - sides[0]) * (sides[3] - sides[1]));
}

}  // namespace

// Pages that differ in nothing but their annotations.
void ChangeRules::pages() {
  Numbers touched;
  for (const std::uint64_t number : time_.touched()) {
    if (pages_.count(number) > 0) touched.insert(number);
    if (const auto list = lists_.find(number); list != lists_.end()) touched.insert(list->second);
  }
  for (const std::uint64_t number : touched) page(number);
}

void ChangeRules::page(std::uint64_t number) {
  const Value before = time_.before(number).value, after = time_.after(number).value;
  if (!after.is_dictionary()) return;
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
  const auto more = added(before, after);
  if (!more)
    return note(ChangeKind::other, page, "", "annotations of a page were removed or replaced");
  for (const Value& each : *more) annotation(each, page);
}

void ChangeRules::annotation(const Value& each, std::uint64_t page) {
  if (each.is_reference() && explained_.count(each.number) > 0) return;
  // The widget of a field that was there, which another page did not show.
  if (!may_be_new(each))
    return note(ChangeKind::other, page, "", "a page shows an object as annotation that was there");
  const Value& value = time_.after(each);
  const bool is_note =
      kNotes.count(value.get("Subtype").text) > 0 && !value.has("AP") && !value.has("FT");
  explain(each, {is_note ? ChangeKind::comment : ChangeKind::annotation, ""},
          is_note ? "comment" : "annotation");
}

void ChangeRules::form(const Value& old_form, const Value& new_form) {
  if (old_form.is_null() && new_form.is_null()) return;
  const Value before = time_.before(old_form), after = time_.after(new_form);
  if (!after.is_dictionary()) return note(ChangeKind::other, 0, "", "the form is gone");
  for (const std::string& key : changed_keys(before, after)) {
    const Value& is = after.get(key);
    if (key == "Fields" || key == "SigFlags") continue;
    if (key == "DR" || key == "DA" || key == "NeedAppearances")
      explain(is, {ChangeKind::form_filling, ""}, "defaults of the form");
    else if (!(before.get(key) == is))
      note(ChangeKind::other, new_form.number, "", "the form's " + key);
  }
  const Value &old_list = before.get("Fields"), &list = after.get("Fields");
  if (!(old_list == list) || time_.is_touched(list)) fields(old_list, list);
  if (time_.is_touched(new_form)) accept(new_form.number);
}

void ChangeRules::touched_fields() {
  for (const std::uint64_t number : time_.touched())
    if (const auto field = fields_.find(number);
        field != fields_.end() && explained_.count(number) == 0)
      touched_field(number, field->second);
}

void ChangeRules::fields(const Value& before, const Value& after) {
  const auto more = added(before, after);
  if (!more) return note(ChangeKind::other, after.number, "", "fields were removed or replaced");
  for (const Value& each : *more) new_field(each);
}

// Whether /V is a dictionary that nobody referred to: a signature of its own.
bool ChangeRules::takes_new_value(const Value& field) const {
  const Value& value = field.get("V");
  return value.is_dictionary() || may_be_new(value);
}

// Which fields got another value, in their dictionary or in an object of its own.
void ChangeRules::find_filled() {
  for (const std::uint64_t number : time_.touched()) {
    if (const auto field = fields_.find(number); field != fields_.end()) {
      const Keys keys = differing_keys(time_.before(number).value, time_.after(number).value);
      if (keys.count("V") > 0 || keys.count("RV") > 0) filled_.insert(field->second.field);
    }
    const auto part = values_.find(number);
    if (part == values_.end()) continue;
    const Value& holder = time_.after(part->second).value;
    for (const char* key : {"V", "RV"})
      if (const Value& value = holder.get(key); value.is_reference() && value.number == number)
        filled_.insert(fields_.at(part->second).field);
  }
}

// Leaves the field unexplained when it differs in more than it may.
void ChangeRules::touched_field(std::uint64_t number, Node& node) {
  const Value before = time_.before(number).value, after = time_.after(number).value;
  Keys keys = differing_keys(before, after);
  if (keys.count("Ff") > 0 && before.get("Ff").integer().value_or(0) == after.get("Ff").integer())
    keys.erase("Ff");
  if (node.type == "Sig" ? !within(keys, kWhenSigned) : !within(keys, kWhenFilled)) return;
  if (node.type == "Sig")
    sign_field(number, node, keys);
  else
    fill_field(number, node, keys);
}

void ChangeRules::sign_field(std::uint64_t number, Node& node, const Keys& keys) {
  const Value after = time_.after(number).value;
  if (node.has_value || !takes_new_value(after)) return;
  const bool is_stamp = time_.after(after.get("V")).get("Type").is_name("DocTimeStamp");
  const ChangeKind kind = is_stamp && area_of(after).first == 0 ? ChangeKind::document_timestamp
                                                                : ChangeKind::signature;
  node.has_value = true;
  explained_.insert(number);
  note(kind, number, node.name, "signature in a field");
  for (const std::string& key : keys) {
    const Value& value = after.get(key);
    if (key == "P" || acts(value)) continue;
    if (time_.is_touched(value) && !accept(value.number)) continue;
    explore(time_.after(value), {kind, node.name});
  }
}

// The field shows what it has: an appearance changes with the value only. Buttons show states that
// were there.
void ChangeRules::fill_field(std::uint64_t number, const Node& node, const Keys& keys) {
  const Value after = time_.after(number).value;
  if (node.read_only || acts(after.get("V")) || covers(after, kHalfOfPage)) return;
  if (filled_.count(node.field) == 0 && !(node.type == "Btn" && within(keys, {"AS"}))) return;
  explained_.insert(number);
  note(ChangeKind::form_filling, number, node.name, "value of a field");
  const Cause cause{ChangeKind::form_filling, node.name, Cause::Replacing::all, Cause::Reach::all};
  for (const std::string& key : keys) {
    const Value& value = after.get(key);
    if (acts(value)) continue;
    if (time_.is_touched(value) && explained_.count(value.number) == 0 && !accept(value.number))
      continue;
    explore(time_.after(value), cause);
  }
  learn_values(Value::reference_to(number));
}

// Values and appearances that were written anew where their field was not.
void ChangeRules::values() {
  for (const std::uint64_t number : time_.touched()) {
    const auto known = values_.find(number);
    if (known == values_.end() || explained_.count(number) > 0 || time_.is_new(number)) continue;
    const Node& node = fields_.at(known->second);
    if (node.read_only || filled_.count(node.field) == 0 ||
        covers(time_.after(known->second).value, kHalfOfPage))
      continue;
    if (acts(Value::reference_to(number)) || !accept(number)) continue;
    explore(time_.after(number).value,
            {ChangeKind::form_filling, node.name, Cause::Replacing::all, Cause::Reach::all});
    note(ChangeKind::form_filling, known->second, node.name, "value of a field");
  }
}

// Of a widget, and of its page.
std::pair<double, double> ChangeRules::area_of(const Value& widget) {
  constexpr double kLetter = 612.0 * 792.0;
  if (const auto flags = time_.after(widget.get("F")).integer(); flags && (*flags & kHidden) != 0)
    return {0, kLetter};
  double page = kLetter;
  Value node = time_.after(widget.get("P"));
  for (int i = 0; i < kParents && node.is_dictionary(); ++i) {
    if (const auto found = area(time_.after(node.get("MediaBox")))) {
      page = *found;
      break;
    }
    node = time_.after(node.get("Parent"));
  }
  return {area(time_.after(widget.get("Rect"))).value_or(0), page};
}

bool ChangeRules::covers(const Value& widget, double part) {
  const auto [own, page] = area_of(widget);
  return own > part * page;
}

ChangeKind ChangeRules::kind_of_new(const Value& field) {
  double much = 0;
  bool visible = false;
  const auto look_at = [&](const Value& widget) {
    const auto [own, page] = area_of(widget);
    visible = visible || own > 0;
    much = std::max(much, page > 0 ? own / page : 1);
  };
  look_at(field);
  for (const Value& kid : time_.after(field.get("Kids")).items) look_at(time_.after(kid));
  const Value& value = time_.after(field.get("V"));
  if (!takes_new_value(field) || !value.is_dictionary() || much > kMuchOfPage)
    return ChangeKind::annotation;
  if (value.get("Type").is_name("DocTimeStamp"))
    return visible ? ChangeKind::annotation : ChangeKind::document_timestamp;
  return visible ? ChangeKind::visible_signature : ChangeKind::signature;
}

void ChangeRules::new_field(const Value& field) {
  const Value after = time_.after(field);
  const std::string name = text_of(time_.after(after.get("T")));
  if (!after.is_dictionary() || !may_be_new(field) || !after.get("FT").is_name("Sig"))
    return note(ChangeKind::other, field.number, name, "a field that is no new signature's");
  const ChangeKind kind = kind_of_new(after);
  explain(field, {kind, name}, std::string(words_for_new(kind)));
  learn_field(field, {}, kParents);
}

}  // namespace tsp::pdf
