// The rules for signatures and time-stamps, in empty fields and in new ones.
#include <algorithm>

#include "pdf/reading/change_rules.h"

namespace tsp::pdf {
namespace {

constexpr int kParents = 50;
// What a new field may have that nobody sees, and its kids: what says more about it, as a default
// value, files or a text to be read aloud, is something else than a signature.
const std::set<std::string> kOfUnseen{
    "AP", "BS", "Border", "DA",     "F",    "FT", "Ff",      "H", "Kids", "Lock", "M",
    "MK", "NM", "P",      "Parent", "Rect", "SV", "Subtype", "T", "TU",   "Type", "V"};
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

// Tables 166, 170, 190, 226, 227, 229 and 238.
const std::set<std::string> kOfFields{
    "A",  "AA",       "AF",   "AP",   "AS",   "BM", "BS",           "Border",  "C",
    "CA", "Contents", "DA",   "DS",   "DV",   "F",  "FT",           "Ff",      "H",
    "I",  "Kids",     "Lang", "Lock", "M",    "MK", "NM",           "OC",      "Opt",
    "P",  "Parent",   "Q",    "RV",   "Rect", "SV", "StructParent", "Subtype", "T",
    "TI", "TM",       "TU",   "Type", "V",    "ca"};

}  // namespace

// Whether /V is a dictionary that nobody referred to: a signature of its own.
bool ChangeRules::takes_new_value(const Value& field) const {
  const Value& value = field.get("V");
  return value.is_dictionary() || may_be_new(value);
}

// /P is a page, and not what stands before its number (12.4.2); /F are flags, and not a file.
bool ChangeRules::fits_a_field(const Value& before, const Value& after, const Keys& keys) {
  const Value &old_page = before.get("P"), &page = after.get("P");
  if (keys.count("P") > 0 && !((old_page.is_null() || old_page.is_reference()) &&
                               page.is_reference() && pages_.count(page.number) > 0))
    return false;
  const Value &old_flags = time_.before(before.get("F")), &flags = time_.after(after.get("F"));
  return keys.count("F") == 0 || ((old_flags.is_null() || old_flags.is(Value::Kind::number)) &&
                                  flags.is(Value::Kind::number) && flags_of(after, "F"));
}

// An action, say, that is listed as a field: it has what no field has, and others refer to it than
// the form, the page that shows it, its parent and its kids.
bool ChangeRules::serves_otherwise(const Node& node) {
  const Value& value = time_.before(node.number).value;
  if (within(Keys(value.keys.begin(), value.keys.end()), kOfFields)) return false;
  const Value& catalog = time_.before(time_.trailer_before().get("Root"));
  count_listed(0, time_.before(catalog.get("AcroForm")).get("Fields"));
  const auto count_of = [&](std::uint64_t holder, const char* key) {
    count_listed(holder, time_.before(holder).value.get(key));
  };
  if (const auto shown = shown_.find(node.number); shown != shown_.end())
    count_of(shown->second.page, "Annots");
  if (node.parent != 0) count_of(node.parent, "Kids");
  count_of(node.number, "Kids");
  const auto listed = listed_.find(node.number);
  return (listed == listed_.end() ? 0 : listed->second) < time_.referrers_before(node.number).times;
}

// A list of fields, annotations or kids, once: who is in it, and whom they name as their parent.
void ChangeRules::count_listed(std::uint64_t holder, const Value& list) {
  const bool apart = list.is_reference();
  if (!counted_.emplace(apart, apart ? list.number : holder).second) return;
  for (const Value& each : time_.before(list).items) {
    if (!each.is_reference()) continue;
    ++listed_[each.number];
    if (const Value& parent = time_.before(each).get("Parent");
        parent.is_reference() && parents_counted_.insert(each.number).second)
      ++listed_[parent.number];
  }
}

void ChangeRules::sign_field(std::uint64_t number, Node& node, const Keys& keys) {
  const Value before = time_.before(number).value, after = time_.after(number).value;
  if (node.has_value || node.name.empty() || !takes_new_value(after)) return;
  if (!fits_a_field(before, after, keys) || serves_otherwise(node)) return;
  const bool is_stamp = time_.after(after.get("V")).get("Type").is_name("DocTimeStamp");
  std::vector<Cover> covers = covers_now(node);
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

std::optional<double> ChangeRules::part_of_new(const Value& field, int depth) {
  const Value& value = time_.after(field);
  if (depth == 0 || !may_be_new(field) || !value.is_dictionary() || is_stream(field) ||
      !widgets_.insert(field.number).second)
    return std::nullopt;
  const auto may_be = [&](const char* key, const char* name) {
    return !value.has(key) || value.get(key).is_name(name);
  };
  if (!may_be("Type", "Annot") || !may_be("Subtype", "Widget") || !may_be("FT", "Sig"))
    return std::nullopt;
  double most = cover_of_new(value, field.number).part;
  for (const Value& kid : time_.after(value.get("Kids")).items) {
    const auto part = part_of_new(kid, depth - 1);
    if (!part) return std::nullopt;
    most = std::max(most, *part);
  }
  if (most == 0 && !within(Keys(value.keys.begin(), value.keys.end()), kOfUnseen))
    return std::nullopt;
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
  // Of two fields with one name form processors keep the newer, and lose the other's value.
  if (names_.count(name) > 0)
    return note(ChangeKind::other, field.number, name, "a field with the name of another");
  const ChangeKind kind = kind_of_new(field);
  learn_field(field, {}, kParents);
  const auto known = fields_.find(field.number);
  explain(field, {}, {kind, name}, std::string(words_for(kind)),
          known == fields_.end() ? std::vector<Cover>() : covers_of(known->second));
}

}  // namespace tsp::pdf
