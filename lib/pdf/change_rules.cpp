#include "pdf/change_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "pdf/codec.h"
#include "pdf/parsers.h"

namespace tsp::pdf {
namespace {

constexpr std::size_t kChangeLimit = 10000;

bool is_plain(QPDFObjectHandle value) {
  return !value.isIndirect() && (value.isString() || value.isName() || value.isNumber());
}

}  // namespace

// Something that acts when the document is opened or clicked has no place in what a signature
// tolerates.
bool ChangeRules::acts(QPDFObjectHandle value) {
  QPDFObjectHandle dictionary = value.isStream() ? value.getDict() : value;
  return dictionary.isDictionary() &&
         (dictionary.hasKey("/AA") || dictionary.hasKey("/JS") || dictionary.hasKey("/A"));
}

ChangeRules::ChangeRules(Opened& before, Opened& after)
    : before_(before), after_(after), states_(before, after) {}

std::vector<Change> ChangeRules::run() {
  trailer();
  if (!states_.touched().empty()) {
    catalog();
    pages();
  }
  for (const QPDFObjGen& object : states_.touched())
    if (explained_.count(object) == 0)
      note(ChangeKind::other, static_cast<std::uint64_t>(object.getObj()), "",
           fmt::format("object {} is {}", object.getObj(),
                       states_.is_new(object) ? "new" : "another"));
  for (const QPDFObjGen& object : states_.removed())
    note(ChangeKind::other, static_cast<std::uint64_t>(object.getObj()), "",
         fmt::format("object {} was removed", object.getObj()));
  std::stable_sort(changes_.begin(), changes_.end(),
                   [](const Change& a, const Change& b) { return a.object < b.object; });
  return std::move(changes_);
}

// 7.5.5; what tells how the file is stored is passed over.
void ChangeRules::trailer() {
  static const Keys storage{"/Size",   "/Prev",   "/XRefStm",     "/W",  "/Index",      "/Type",
                            "/Length", "/Filter", "/DecodeParms", "/ID", "/DocChecksum"};
  QPDFObjectHandle before = before_.objects->getTrailer(), after = after_.objects->getTrailer();
  for (const std::string& key : changed_keys(before, after)) {
    if (storage.count(key) > 0) continue;
    QPDFObjectHandle now = after.getKey(key);
    if (key == "/Root" && same_member(before.getKey(key), now)) continue;
    if (key == "/Info" && now.isDictionary() && now.isIndirect() &&
        states_.references_before(now.getObjGen()) == 0) {
      const Keys keys = now.getKeys();
      if (std::all_of(keys.begin(), keys.end(),
                      [&](const std::string& each) { return is_plain(now.getKey(each)); })) {
        explain(now, {ChangeKind::metadata, ""}, "document information");
        continue;
      }
    }
    note(ChangeKind::other, 0, "", "the trailer's " + key.substr(1) + " is another");
  }
}

void ChangeRules::catalog() {
  QPDFObjectHandle before = before_.catalog(), after = after_.catalog();
  for (const std::string& key : changed_keys(before, after)) {
    if (key == "/DSS" || key == "/AcroForm") continue;
    QPDFObjectHandle is = after.getKey(key);
    if (key == "/Metadata" && is.isStream())
      explain(is, {ChangeKind::metadata, "", Cause::Replacing::all}, "metadata");
    else if (key == "/Version" && is.isName())
      note(ChangeKind::metadata, number_of(after), "", "version");
    else if (key == "/Extensions" && is.isDictionary())
      explain(is, {ChangeKind::metadata, "", Cause::Replacing::containers}, "extensions");
    else if (!same_member(before.getKey(key), is))
      note(ChangeKind::other, number_of(after), "", "the catalog's " + key.substr(1));
  }
  // What must not differ was noted by name.
  explained_.insert(after.getObjGen());
  // Both may have changed below though the catalog did not.
  if (!same_member(before.getKey("/DSS"), after.getKey("/DSS")) || after.hasKey("/DSS"))
    security_store(after.getKey("/DSS"));
  if (before.hasKey("/AcroForm") || after.hasKey("/AcroForm"))
    form(before.getKey("/AcroForm"), after.getKey("/AcroForm"));
}

void ChangeRules::security_store(QPDFObjectHandle after) {
  static const Keys known{"/Type", "/Certs", "/CRLs", "/OCSPs", "/VRI"};
  if (!after.isDictionary()) return note(ChangeKind::other, 0, "", "the security store is gone");
  for (const std::string& key : after.getKeys())
    if (known.count(key) == 0)
      return note(ChangeKind::other, number_of(after), "",
                  "the security store holds " + key.substr(1));
  const std::size_t explained = explained_.size();
  if (states_.is_touched(after) && !accept(after)) return;
  explore(after,
          {ChangeKind::validation_data, "", Cause::Replacing::containers, Cause::Reach::all});
  if (explained_.size() > explained)
    note(ChangeKind::validation_data, number_of(after), "", "validation data");
}

// Pages that differ in nothing but their annotations.
void ChangeRules::pages() {
  for (const Page& page : read_pages(before_).pages) {
    QPDFObjectHandle before = page.object;
    if (!before.isIndirect()) continue;
    QPDFObjectHandle after = states_.after(before.getObjGen());
    if (!after.isDictionary()) continue;
    QPDFObjectHandle was = before.getKey("/Annots"), is = after.getKey("/Annots");
    const bool list_differs = !same_member(was, is) || states_.is_touched(is);
    if (states_.is_touched(after)) {
      Keys keys = differing_keys(before, after);
      keys.erase("/Annots");
      if (!keys.empty()) continue;
      explained_.insert(after.getObjGen());
    }
    if (list_differs) annotations(was, is, number_of(after));
  }
}

void ChangeRules::annotations(QPDFObjectHandle before, QPDFObjectHandle after, std::uint64_t page) {
  const auto more = added(before, after);
  if (!more)
    return note(ChangeKind::other, page, "", "annotations of a page were removed or replaced");
  for (QPDFObjectHandle each : *more) {
    if (each.isIndirect() && explained_.count(each.getObjGen()) > 0) continue;
    if (!may_be_new(each)) {
      note(ChangeKind::other, page, "", "a page shows an object as annotation that was there");
      continue;
    }
    explain(each, {ChangeKind::annotation, ""}, "annotation");
  }
}

namespace {

std::set<std::string> keys_of(QPDFObjectHandle a, QPDFObjectHandle b) {
  std::set<std::string> keys;
  for (QPDFObjectHandle each : {a, b})
    if (each.isDictionary())
      for (const std::string& key : each.getKeys()) keys.insert(key);
  return keys;
}

}  // namespace

ChangeRules::Keys ChangeRules::differing_keys(QPDFObjectHandle before,
                                              QPDFObjectHandle after) const {
  Keys keys;
  for (const std::string& key : keys_of(before, after))
    if (!same_member(get(before, key), get(after, key))) keys.insert(key);
  return keys;
}

ChangeRules::Keys ChangeRules::changed_keys(QPDFObjectHandle before, QPDFObjectHandle after) const {
  Keys keys = differing_keys(before, after);
  for (const std::string& key : keys_of(before, after)) {
    QPDFObjectHandle is = get(after, key);
    bool touched = states_.is_touched(is);
    if (!is.isIndirect())
      for_each_reference(
          is, [&](QPDFObjectHandle each) { touched = touched || states_.is_touched(each); });
    if (touched) keys.insert(key);
  }
  return keys;
}

std::optional<std::vector<QPDFObjectHandle>> ChangeRules::added(QPDFObjectHandle before,
                                                                QPDFObjectHandle after) {
  const int had = before.isArray() ? before.getArrayNItems() : 0;
  if (!after.isArray() || after.getArrayNItems() < had) return std::nullopt;
  if (!before.isArray() && !before.isNull()) return std::nullopt;
  for (int i = 0; i < had; ++i)
    if (!same_member(before.getArrayItem(i), after.getArrayItem(i))) return std::nullopt;
  if (states_.is_touched(after) && !accept(after)) return std::nullopt;
  std::vector<QPDFObjectHandle> more;
  for (int i = had; i < after.getArrayNItems(); ++i) more.push_back(after.getArrayItem(i));
  return more;
}

bool ChangeRules::may_be_new(QPDFObjectHandle value) const {
  return value.isIndirect() && states_.is_touched(value) && states_.is_new(value.getObjGen()) &&
         states_.references_before(value.getObjGen()) == 0;
}

bool ChangeRules::may_replace(QPDFObjectHandle value) const {
  return value.isIndirect() && states_.references_before(value.getObjGen()) <= 1;
}

bool ChangeRules::accept(QPDFObjectHandle value) {
  const bool allowed = states_.is_new(value.getObjGen()) ? may_be_new(value) : may_replace(value);
  if (allowed) explained_.insert(value.getObjGen());
  return allowed;
}

void ChangeRules::explain(QPDFObjectHandle value, const Cause& cause, const std::string& what) {
  note(cause.kind, number_of(value), cause.field, what);
  if (acts(value))
    return note(ChangeKind::other, number_of(value), cause.field, what + " that acts");
  if (states_.is_touched(value) && !accept(value)) return;
  explore(value, cause);
}

void ChangeRules::explore(QPDFObjectHandle value, const Cause& cause, int depth) {
  if (depth == 0) return;
  for_each_reference(value, [&](QPDFObjectHandle each) {
    if (!visited_.insert(each.getObjGen()).second) return;
    if (!states_.is_touched(each)) {
      if (cause.reach == Cause::Reach::all && (each.isArray() || each.isDictionary()))
        explore(each, cause, depth - 1);
      return;
    }
    if (acts(each)) return;
    const bool replaces = !states_.is_new(each.getObjGen());
    if (replaces && (cause.replacing == Cause::Replacing::no ||
                     (cause.replacing == Cause::Replacing::containers && each.isStream())))
      return;
    if (accept(each)) explore(each, cause, depth - 1);
  });
}

void ChangeRules::note(ChangeKind kind, std::uint64_t object, const std::string& field,
                       const std::string& what) {
  if (changes_.size() < kChangeLimit) changes_.push_back({kind, object, field, what});
}

Bytes changes_parser(int file, ByteView request) {
  const ChangesRequest asked = decode_changes_request(request);
  const auto open = [&](std::uint64_t end) {
    auto opened = open_document(file, asked.name, Repair::attempt, end);
    if (opened->repaired || !opened->frame.damage.empty())
      throw damaged_error(asked.name, opened->frame.damage);
    return opened;
  };
  const auto before = open(asked.revision_end), after = open(kWholeFile);
  return guarded(asked.name, [&] {
    std::vector<Change> changes = ChangeRules(*before, *after).run();
    if (before->lost_something() || after->lost_something())
      throw damaged_error(asked.name, "not all of it can be read");
    return encode(changes);
  });
}

}  // namespace tsp::pdf
