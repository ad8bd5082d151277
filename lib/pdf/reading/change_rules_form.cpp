// The rules for the interactive form as a whole: its list of fields, and what all of them share.
#include <algorithm>

#include "pdf/reading/change_rules.h"

namespace tsp::pdf {

void ChangeRules::form(const Value& old_form, const Value& new_form, std::uint64_t catalog) {
  if (old_form.is_null() && new_form.is_null()) return;
  // Forms may be large, and so is their list: not for every change of something else.
  const bool is_same =
      old_form == new_form && new_form.is_reference() && !time_.is_touched(new_form) &&
      std::none_of(time_.touched().begin(), time_.touched().end(),
                   [&](std::uint64_t each) { return parts_of_form_.count(each) > 0; });
  if (is_same) return;
  const Value &before = time_.before(old_form), &after = time_.after(new_form);
  if (!after.is_dictionary()) return note(ChangeKind::other, 0, "", "the form is gone");
  const std::uint64_t holder = old_form.is_reference() ? old_form.number : catalog;
  bool anew = false;
  for (const std::string& key : changed_keys(before, after)) {
    const Value& is = after.get(key);
    if (key == "Fields" || (key == "SigFlags" && keeps_flags(before, after))) continue;
    if (is_default(key, is)) {
      explain(is, Place(holder, before.get(key)), {ChangeKind::form_filling, ""},
              "defaults of the form");
      anew = anew || shows_all_anew(key, before.get(key), is);
    } else if (!(before.get(key) == is)) {
      note(ChangeKind::other, new_form.number, "", "the form's " + key);
    }
  }
  if (anew) fields_anew();
  const Value &old_list = before.get("Fields"), &list = after.get("Fields");
  if (!(old_list == list) || time_.is_touched(list)) fields(old_list, list, holder);
  if (time_.is_touched(new_form)) accept(new_form.number, Place(catalog, old_form));
}

// Table 219: with /SigFlags it says that there are signatures and that more may only be appended.
bool ChangeRules::keeps_flags(const Value& before, const Value& after) {
  const auto was = time_.before(before.get("SigFlags")).whole();
  const auto is = flags_of(after, "SigFlags");
  return is && (was.value_or(0) & ~*is) == 0;
}

// Table 218; each of its own type, lest the form serves as something else.
bool ChangeRules::is_default(const std::string& key, const Value& value) {
  const Value& is = time_.after(value);
  if (is_stream(value)) return false;
  return (key == "DR" && (is.is_null() || is.is_dictionary())) ||
         (key == "DA" && (is.is_null() || is.is(Value::Kind::string))) ||
         (key == "NeedAppearances" && (is.is_null() || is.is(Value::Kind::word)));
}

// Whether readers that make appearances anew show another one of each field. A resource more is
// what who fills in a field brings for it, unless a field that was there has a use for it: what it
// shows was made with something else.
bool ChangeRules::shows_all_anew(const std::string& key, const Value& before, const Value& after) {
  const Value was = time_.before(before), is = time_.after(after);
  if (key == "NeedAppearances") return (was.text == "true") != (is.text == "true");
  if (key == "DA") return !(was == is);
  for (std::size_t i = 0; i < was.keys.size(); ++i) {
    const Value old_kind = time_.before(was.items[i]), new_kind = time_.after(is.get(was.keys[i]));
    if (!old_kind.is_dictionary() && !(old_kind == new_kind)) return true;
    for (std::size_t k = 0; k < old_kind.keys.size(); ++k)
      if (!(old_kind.items[k] == new_kind.get(old_kind.keys[k]))) return true;
  }
  for (std::size_t i = 0; i < is.keys.size(); ++i) {
    const Value old_kind = time_.before(was.get(is.keys[i])), new_kind = time_.after(is.items[i]);
    for (const std::string& name : new_kind.keys)
      if (!old_kind.has(name) && resources_.count(name) > 0) return true;
  }
  return false;
}

// Each by its name, for the locks that name it. Of signature fields nothing is made; what is made
// of a field that may not be filled in is nobody's to tell.
void ChangeRules::fields_anew() {
  for (const auto& [number, node] : fields_) {
    if (node.type == "Sig" || node.first == node.last || covers_[node.first].widget != number)
      continue;
    Cover cover = covers_[node.first];
    if (node.read_only) cover.part = 1;
    note(ChangeKind::form_filling, number, node.name, "another appearance of a field", {cover});
  }
}

void ChangeRules::fields(const Value& before, const Value& after, std::uint64_t holder) {
  const auto more = added(before, after, holder);
  if (!more) return note(ChangeKind::other, after.number, "", "fields were removed or replaced");
  for (const Value& each : *more) new_field(each);
}

}  // namespace tsp::pdf
