// The rules for the interactive form: signatures in new and in empty fields, values of others.
#include <algorithm>
#include <array>

#include "pdf/reading/change_rules.h"

namespace tsp::pdf {
namespace {

using Keys = std::set<std::string>;

// A field or widget may differ in these when it is signed, or filled in.
const Keys kWhenSigned{"V", "AP", "F", "M", "MK", "DA", "P", "Type", "Subtype"};
const Keys kWhenFilled{"V", "AP", "AS", "I", "RV", "M", "DA", "MK", "BS"};
constexpr std::array kHoldsValues{"V", "AP", "RV"};
constexpr int kParents = 50;
// A part of the page above which a signature's appearance may pass for its content.
constexpr double kMuchOfPage = 0.25;

std::string_view words_for(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::annotation:
      return "a signature field that may hide what was signed";
    case ChangeKind::document_timestamp:
      return "a time-stamp over the document";
    default:
      return "signature in a field";
  }
}

double most_of(const std::vector<Cover>& covers) {
  double most = 0;
  for (const Cover& each : covers) most = std::max(most, each.part);
  return most;
}

bool within(const Keys& keys, const Keys& allowed) {
  return std::all_of(keys.begin(), keys.end(),
                     [&](const std::string& key) { return allowed.count(key) > 0; });
}

}  // namespace

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
  for (const std::string& key : changed_keys(before, after)) {
    const Value& is = after.get(key);
    if (key == "Fields" || key == "SigFlags") continue;
    if (is_default(key, is))
      explain(is, Place(holder, before.get(key)), {ChangeKind::form_filling, ""},
              "defaults of the form",
              shows_all_anew(key, before.get(key), is) ? covers_of_all() : std::vector<Cover>());
    else if (!(before.get(key) == is))
      note(ChangeKind::other, new_form.number, "", "the form's " + key);
  }
  const Value &old_list = before.get("Fields"), &list = after.get("Fields");
  if (!(old_list == list) || time_.is_touched(list)) fields(old_list, list, holder);
  if (time_.is_touched(new_form)) accept(new_form.number, Place(catalog, old_form));
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
// what who fills in a field brings for it.
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
  return false;
}

// Of signature fields nothing is made; what is made of a field that may not be filled in is
// nobody's to tell.
std::vector<Cover> ChangeRules::covers_of_all() const {
  std::vector<Cover> out;
  for (const auto& [number, node] : fields_) {
    if (node.type == "Sig" || node.first == node.last || covers_[node.first].widget != number)
      continue;
    out.push_back(covers_[node.first]);
    if (node.read_only) out.back().part = 1;
  }
  return out;
}

void ChangeRules::touched_fields() {
  for (const std::uint64_t number : time_.touched())
    if (const auto field = fields_.find(number);
        field != fields_.end() && explained_.count(number) == 0)
      touched_field(number, field->second);
}

void ChangeRules::fields(const Value& before, const Value& after, std::uint64_t holder) {
  const auto more = added(before, after, holder);
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

// Leaves the field unexplained when it differs in more than it may, or serves as resources or
// appearances besides, which show what it has; for the same reason that is no stream.
void ChangeRules::touched_field(std::uint64_t number, Node& node) {
  if (time_.before(number).stream || time_.after(number).stream) return;
  const Value before = time_.before(number).value, after = time_.after(number).value;
  Keys keys = differing_keys(before, after);
  if (keys.count("Ff") > 0 && before.get("Ff").integer().value_or(0) == after.get("Ff").integer())
    keys.erase("Ff");
  if (node.type == "Sig" ? !within(keys, kWhenSigned) : !within(keys, kWhenFilled)) return;
  if (time_.referrers_before(number).drawn > 0) return;
  if (keys.count("Type") > 0 && !after.get("Type").is_name("Annot")) return;
  if (keys.count("Subtype") > 0 && !after.get("Subtype").is_name("Widget")) return;
  for (const std::string& key : keys)
    if (key != "P" && is_stream(after.get(key))) return;
  if (node.type == "Sig")
    sign_field(number, node, keys);
  else
    fill_field(number, node, keys);
}

void ChangeRules::sign_field(std::uint64_t number, Node& node, const Keys& keys) {
  const Value before = time_.before(number).value, after = time_.after(number).value;
  if (node.has_value || node.name.empty() || !takes_new_value(after)) return;
  const bool is_stamp = time_.after(after.get("V")).get("Type").is_name("DocTimeStamp");
  std::vector<Cover> covers = covers_of(node);
  // Its flags may be others.
  if (const Cover own = cover_of(after, number); own.part > 0) covers.push_back(own);
  const ChangeKind kind = most_of(covers) > (is_stamp ? 0 : kMuchOfPage) ? ChangeKind::annotation
                          : is_stamp ? ChangeKind::document_timestamp
                                     : ChangeKind::signature;
  node.has_value = true;
  explained_.insert(number);
  note(kind, number, node.name, std::string(words_for(kind)), std::move(covers));
  for (const std::string& key : keys) {
    const Value& value = after.get(key);
    if (key == "P" || acts(value)) continue;
    const Place place(number, before.get(key));
    if (time_.is_touched(value) && !accept(value.number, place)) continue;
    explore(time_.after(value), place, {kind, node.name});
  }
}

// The field shows what it has: an appearance changes with the value only. Buttons show states that
// were there.
void ChangeRules::fill_field(std::uint64_t number, const Node& node, const Keys& keys) {
  const Value before = time_.before(number).value, after = time_.after(number).value;
  if (node.read_only || acts(after.get("V"))) return;
  if (filled_.count(node.field) == 0 && !(node.type == "Btn" && within(keys, {"AS"}))) return;
  explained_.insert(number);
  note(ChangeKind::form_filling, number, node.name, "value of a field", covers_of(node));
  const Cause cause{ChangeKind::form_filling, node.name, Cause::Replacing::all, Cause::Reach::all};
  for (const std::string& key : keys) {
    const Value& value = after.get(key);
    if (acts(value)) continue;
    const Place place(number, before.get(key));
    if (time_.is_touched(value) && explained_.count(value.number) == 0 &&
        !accept(value.number, place))
      continue;
    explore(time_.after(value), place, cause);
  }
  learn_values(Value::reference_to(number));
}

Place ChangeRules::place_of_values(std::uint64_t field) {
  const Value& value = time_.before(field).value;
  Value was;
  was.kind = Value::Kind::array;
  for (const char* key : kHoldsValues) was.items.push_back(value.get(key));
  return Place(field, std::move(was));
}

// Values and appearances that were written anew where their field was not.
void ChangeRules::values() {
  std::map<std::uint64_t, Place> places;  // by field
  for (const std::uint64_t number : time_.touched()) {
    const auto known = values_.find(number);
    if (known == values_.end() || explained_.count(number) > 0 || time_.is_new(number)) continue;
    const std::uint64_t field = known->second;
    const Node& node = fields_.at(field);
    if (node.read_only || filled_.count(node.field) == 0) continue;
    const Object& object = time_.after(number);
    const Value& holder = time_.before(field).value;
    const auto is_it = [&](const char* key) {
      return holder.get(key).is_reference() && holder.get(key).number == number;
    };
    // See touched_field().
    if (object.stream && std::any_of(kHoldsValues.begin(), kHoldsValues.end(), is_it)) continue;
    if (acts(object.value)) continue;
    if (places.count(field) == 0) places.emplace(field, place_of_values(field));
    const Place& place = places.at(field);
    if (!accept(number, place)) continue;
    explore(object.value, place,
            {ChangeKind::form_filling, node.name, Cause::Replacing::all, Cause::Reach::all});
    note(ChangeKind::form_filling, field, node.name, "value of a field", covers_of(node));
  }
}

std::optional<double> ChangeRules::part_of_new(const Value& field, int depth) {
  const Value& value = time_.after(field);
  if (depth == 0 || !may_be_new(field) || !value.is_dictionary() || is_stream(field) ||
      !widgets_.insert(field.number).second)
    return std::nullopt;
  if (value.has("Subtype") && !value.get("Subtype").is_name("Widget")) return std::nullopt;
  double most = cover_of(value, field.number).part;
  for (const Value& kid : time_.after(value.get("Kids")).items) {
    const auto part = part_of_new(kid, depth - 1);
    if (!part) return std::nullopt;
    most = std::max(most, *part);
  }
  return most;
}

ChangeKind ChangeRules::kind_of_new(const Value& field) {
  const auto part = part_of_new(field, kParents);
  const Value& after = time_.after(field);
  const Value& value = time_.after(after.get("V"));
  if (!part || *part > kMuchOfPage || !takes_new_value(after) || !value.is_dictionary() ||
      is_stream(after.get("V")))
    return ChangeKind::annotation;
  if (value.get("Type").is_name("DocTimeStamp"))
    return *part > 0 ? ChangeKind::annotation : ChangeKind::document_timestamp;
  return *part > 0 ? ChangeKind::visible_signature : ChangeKind::signature;
}

void ChangeRules::new_field(const Value& field) {
  const Value after = time_.after(field);
  const std::string name = text_of(time_.after(after.get("T")));
  if (!after.is_dictionary() || name.empty() || !may_be_new(field) ||
      !after.get("FT").is_name("Sig"))
    return note(ChangeKind::other, field.number, name, "a field that is no new signature's");
  const ChangeKind kind = kind_of_new(field);
  learn_field(field, {}, kParents);
  const auto known = fields_.find(field.number);
  explain(field, {}, {kind, name}, std::string(words_for(kind)),
          known == fields_.end() ? std::vector<Cover>() : covers_of(known->second));
}

}  // namespace tsp::pdf
