// The rules for fields that were there: what may differ, and values.
#include <algorithm>
#include <array>

#include "pdf/reading/change_rules.h"

namespace tsp::pdf {
namespace {

// A field or widget may differ in these when it is signed, or filled in.
const std::set<std::string> kWhenSigned{"V", "AP", "F", "M", "MK", "DA", "P", "Type", "Subtype"};
const std::set<std::string> kWhenFilled{"V", "AP", "AS", "I", "RV", "M", "DA", "MK", "BS"};
constexpr std::array kHoldsValues{"V", "AP", "RV"};

}  // namespace

void ChangeRules::touched_fields() {
  for (const std::uint64_t number : time_.touched())
    if (const auto field = fields_.find(number);
        field != fields_.end() && explained_.count(number) == 0)
      touched_field(number, field->second);
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
  if (keys.count("Ff") > 0 && before.get("Ff").whole().value_or(0) == after.get("Ff").whole())
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

// The field shows what it has: an appearance changes with the value only. Buttons show states that
// were there.
void ChangeRules::fill_field(std::uint64_t number, const Node& node, const Keys& keys) {
  const Value before = time_.before(number).value, after = time_.after(number).value;
  if (node.read_only || acts(after.get("V"))) return;
  if (filled_.count(node.field) == 0 && !(node.type == "Btn" && within(keys, {"AS"}))) return;
  explained_.insert(number);
  note(ChangeKind::form_filling, number, node.name, "value of a field", covers_now(node));
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
  learn_resources(after);
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
    note(ChangeKind::form_filling, field, node.name, "value of a field", covers_now(node));
  }
}

}  // namespace tsp::pdf
