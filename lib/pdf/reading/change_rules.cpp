#include "pdf/reading/change_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace tsp::pdf {
namespace {

constexpr std::size_t kNotesLimit = 100000;

bool is_plain(const Value& value) {
  return value.is(Value::Kind::string) || value.is(Value::Kind::name) ||
         value.is(Value::Kind::number);
}

std::set<std::string> keys_of(const Value& a, const Value& b) {
  std::set<std::string> keys(a.keys.begin(), a.keys.end());
  keys.insert(b.keys.begin(), b.keys.end());
  return keys;
}

}  // namespace

ChangeRules::ChangeRules(Timeline& timeline) : time_(timeline) {
  learn_pages();
  learn_form();
  learn_store();
  learn_parts();
}

std::vector<Change> ChangeRules::judge() {
  changes_.clear();
  explained_.clear();
  visited_.clear();
  filled_.clear();
  widgets_.clear();
  counted_.clear();
  parents_counted_.clear();
  listed_.clear();
  trailer();
  if (!time_.touched().empty()) {
    find_filled();
    find_shown();
    if (catalog_is_touched()) {
      catalog();
      learn_parts();
    }
    touched_fields();
    values();
    pages();
  }
  for (const std::uint64_t object : time_.touched()) {
    if (time_.after(object).value.repeats)
      note(ChangeKind::other, object, "", "an object that has a key twice");
    if (time_.is_renamed(object))
      note(ChangeKind::other, object, "", fmt::format("object {} has another generation", object));
    if (explained_.count(object) == 0)
      note(ChangeKind::other, object, "",
           fmt::format("object {} is {}", object, time_.is_new(object) ? "new" : "another"));
  }
  for (const std::uint64_t object : time_.removed())
    if (time_.references_after(object) > 0 || time_.is_in_trailer_before(object))
      note(ChangeKind::other, object, "", fmt::format("object {} was removed", object));
  std::stable_sort(changes_.begin(), changes_.end(),
                   [](const Change& a, const Change& b) { return a.object < b.object; });
  return std::move(changes_);
}

// Something that acts when the document is opened or clicked has no place in what a signature
// tolerates.
bool ChangeRules::acts(const Value& value) {
  const Value& what = time_.after(value);
  return what.is_dictionary() && (what.has("AA") || what.has("JS") || what.has("A"));
}

bool ChangeRules::within(const Keys& keys, const Keys& allowed) {
  return std::includes(allowed.begin(), allowed.end(), keys.begin(), keys.end());
}

bool ChangeRules::is_stream(const Value& value) {
  return value.is_reference() && time_.after(value.number).stream;
}

// 7.5.5; what tells how the file is stored is passed over.
void ChangeRules::trailer() {
  static const Keys storage{"Size",   "Prev",   "XRefStm",     "W",  "Index",      "Type",
                            "Length", "Filter", "DecodeParms", "ID", "DocChecksum"};
  const Value &before = time_.trailer_before(), &after = time_.trailer_after();
  // Readers pass over objects from /Size on.
  if (after.get("Size").integer().value_or(0) < before.get("Size").integer().value_or(0))
    note(ChangeKind::other, 0, "", "the trailer counts fewer objects");
  for (const std::string& key : changed_keys(before, after)) {
    if (storage.count(key) > 0) continue;
    const Value& now = after.get(key);
    if (key == "Root" && before.get(key) == now) continue;
    if (key == "Info" && now.is_reference())
      information(now);
    else if (key == "Info" && now.is_null())
      note(ChangeKind::metadata, 0, "", "document information that is gone");
    else
      note(ChangeKind::other, 0, "", "the trailer's " + key + " is another");
  }
}

void ChangeRules::information(const Value& now) {
  const Value& dictionary = time_.after(now);
  const bool is_own = time_.is_new(now.number) || time_.trailer_before().get("Info") == now;
  // The trailer's own reference is not counted.
  const bool sound = dictionary.is_dictionary() && is_own && !is_stream(now) && !acts(now) &&
                     time_.references_before(now.number) == 0 && time_.is_touched(now) &&
                     std::all_of(dictionary.items.begin(), dictionary.items.end(), is_plain);
  if (!sound) return note(ChangeKind::other, now.number, "", "the document information");
  explained_.insert(now.number);
  note(ChangeKind::metadata, now.number, "", "document information");
}

bool ChangeRules::catalog_is_touched() const {
  if (!(time_.trailer_before().get("Root") == time_.trailer_after().get("Root"))) return true;
  return std::any_of(time_.touched().begin(), time_.touched().end(), [&](std::uint64_t each) {
    return parts_.count(each) > 0 || store_.count(each) > 0;
  });
}

void ChangeRules::catalog() {
  const Value &old_root = time_.trailer_before().get("Root"),
              &root = time_.trailer_after().get("Root");
  const Value &before = time_.before(old_root), &after = time_.after(root);
  if (!after.is_dictionary() || is_stream(root)) return;
  const auto place = [&](const char* key) { return Place(old_root.number, before.get(key)); };
  for (const std::string& key : changed_keys(before, after)) {
    if (key == "DSS" || key == "AcroForm") continue;
    const Value& is = after.get(key);
    if (key == "Metadata" && is_stream(is))
      metadata(is, place("Metadata"));
    else if (key == "Version" && is.is(Value::Kind::name))
      note(ChangeKind::metadata, root.number, "", "version");
    else if (key == "Extensions" && time_.after(is).is_dictionary() && !is_stream(is))
      explain(is, place("Extensions"), {ChangeKind::metadata, "", Cause::Replacing::containers},
              "extensions");
    else if (!(before.get(key) == is))
      note(ChangeKind::other, root.number, "", "the catalog's " + key);
  }
  // What must not differ was noted by name.
  if (time_.is_touched(root) && time_.referrers_before(root.number).drawn == 0)
    explained_.insert(root.number);
  const Value &old_store = before.get("DSS"), &store = after.get("DSS");
  if (!(old_store == store) || refers_to_touched(store) ||
      std::any_of(time_.touched().begin(), time_.touched().end(),
                  [&](std::uint64_t each) { return store_.count(each) > 0; }))
    security_store(store, place("DSS"));
  form(before.get("AcroForm"), after.get("AcroForm"), old_root.number);
}

// 14.3.2. What can be drawn has no place here: an annotation whose appearances are the catalog
// would show it.
void ChangeRules::metadata(const Value& value, const Place& place) {
  const Value& dictionary = time_.after(value.number).value;
  if (!dictionary.get("Subtype").is_name("XML") || dictionary.has("BBox"))
    return note(ChangeKind::other, value.number, "", "metadata that is none");
  explain(value, place, {ChangeKind::metadata, "", Cause::Replacing::all}, "metadata");
}

ChangeRules::Keys ChangeRules::differing_keys(const Value& before, const Value& after) const {
  Keys keys;
  for (const std::string& key : keys_of(before, after))
    if (!(before.get(key) == after.get(key))) keys.insert(key);
  return keys;
}

bool ChangeRules::refers_to_touched(const Value& value) const {
  bool touched = false;
  for_each_reference(value,
                     [&](const Value& each) { touched = touched || time_.is_touched(each); });
  return touched;
}

ChangeRules::Keys ChangeRules::changed_keys(const Value& before, const Value& after) const {
  Keys keys = differing_keys(before, after);
  for (std::size_t i = 0; i < after.keys.size(); ++i)
    if (refers_to_touched(after.items[i])) keys.insert(after.keys[i]);
  return keys;
}

std::optional<std::vector<Value>> ChangeRules::added(const Value& before, const Value& after,
                                                     std::uint64_t holder) {
  const Value was = time_.before(before), is = time_.after(after);
  if (!is.is_array() || !(was.is_array() || was.is_null()) || is.items.size() < was.items.size())
    return std::nullopt;
  if (!std::equal(was.items.begin(), was.items.end(), is.items.begin())) return std::nullopt;
  if (time_.is_touched(after) && explained_.count(after.number) == 0 &&
      !accept(after.number, Place(holder, before)))
    return std::nullopt;
  return std::vector<Value>(is.items.begin() + static_cast<std::ptrdiff_t>(was.items.size()),
                            is.items.end());
}

bool ChangeRules::may_be_new(const Value& reference) const {
  return time_.is_touched(reference) && time_.is_new(reference.number) &&
         time_.references_before(reference.number) == 0;
}

bool ChangeRules::accept(std::uint64_t number, const Place& place) {
  const bool allowed =
      time_.is_new(number) ? time_.references_before(number) == 0 : place.owns(time_, number);
  if (allowed) explained_.insert(number);
  return allowed;
}

void ChangeRules::explain(const Value& value, const Place& place, const Cause& cause,
                          const std::string& what, std::vector<Cover> covers) {
  note(cause.kind, value.number, cause.field, what, std::move(covers));
  if (acts(value)) return note(ChangeKind::other, value.number, cause.field, what + " that acts");
  if (time_.is_touched(value) && !accept(value.number, place)) return;
  explore(time_.after(value), place, cause);
}

void ChangeRules::explore(const Value& value, const Place& place, const Cause& cause, int depth) {
  if (depth == 0) return;
  for_each_reference(value, [&](const Value& each) {
    if (!visited_.insert(each.number).second) return;
    const Object& object = time_.after(each.number);
    if (!time_.is_touched(each)) {
      // What an earlier revision brought was explained for another place.
      if (time_.is_introduced(each.number) && acts(each))
        note(ChangeKind::other, each.number, cause.field, "something that acts");
      if (cause.reach == Cause::Reach::all && !object.stream && !object.value.items.empty())
        explore(object.value, place, cause, depth - 1);
      return;
    }
    if (acts(each)) return;
    const bool replaces = !time_.is_new(each.number);
    if (replaces && (cause.replacing == Cause::Replacing::no ||
                     (cause.replacing == Cause::Replacing::containers && object.stream)))
      return;
    if (accept(each.number, place)) explore(object.value, place, cause, depth - 1);
  });
}

void ChangeRules::note(ChangeKind kind, std::uint64_t object, const std::string& field,
                       const std::string& what, std::vector<Cover> covers) {
  noted_ += 1 + covers.size();
  if (noted_ > kNotesLimit)
    throw Error(Fault::bad_input, "cannot tell what was changed in the document",
                "too much was changed",
                "nothing was changed; ask for the document as it was signed");
  changes_.push_back({kind, time_.revision(), object, field, what, std::move(covers)});
}

}  // namespace tsp::pdf
