// The rules for the interactive form: signatures in new and in empty fields, values of others.
#include <algorithm>

#include "pdf/change_rules.h"

namespace tsp::pdf {
namespace {

constexpr int kFieldDepth = 100;

// A field or widget may differ in these when it is signed, or filled in.
const std::set<std::string> kWhenSigned{"/V",  "/AP", "/F",    "/M",      "/MK",
                                        "/DA", "/P",  "/Type", "/Subtype"};
const std::set<std::string> kWhenFilled{"/V", "/AP", "/AS", "/I", "/RV", "/M"};

bool within(const std::set<std::string>& keys, const std::set<std::string>& allowed) {
  for (const std::string& key : keys)
    if (allowed.count(key) == 0) return false;
  return true;
}

std::string joined(const std::string& parent, QPDFObjectHandle node) {
  const std::string part = text_of(get(node, "/T"));
  if (part.empty()) return parent;
  return parent.empty() ? part : parent + "." + part;
}

ChangeKind kind_of_value(QPDFObjectHandle field) {
  return name_of(get(get(field, "/V"), "/Type")) == "DocTimeStamp" ? ChangeKind::document_timestamp
                                                                   : ChangeKind::signature;
}

}  // namespace

void ChangeRules::form(QPDFObjectHandle before, QPDFObjectHandle after) {
  if (!after.isDictionary()) return note(ChangeKind::other, 0, "", "the form is gone");
  for (const std::string& key : changed_keys(before, after)) {
    QPDFObjectHandle is = after.getKey(key);
    if (key == "/Fields" || key == "/SigFlags") continue;
    if (key == "/DR" || key == "/DA" || key == "/NeedAppearances")
      explain(is, {ChangeKind::form_filling, ""}, "defaults of the form");
    else if (!same_member(get(before, key), is))
      note(ChangeKind::other, number_of(after), "", "the form's " + key.substr(1));
  }
  fields(get(before, "/Fields"), after.getKey("/Fields"));
  if (states_.is_touched(after)) accept(after);
}

void ChangeRules::fields(QPDFObjectHandle before, QPDFObjectHandle after) {
  const auto more = added(before, after);
  if (!more)
    return note(ChangeKind::other, number_of(after), "", "fields were removed or replaced");
  for (int i = 0, had = before.isArray() ? before.getArrayNItems() : 0; i < had; ++i)
    field(before.getArrayItem(i), after.getArrayItem(i), {}, kFieldDepth);
  for (const QPDFObjectHandle& each : *more) new_field(each);
}

void ChangeRules::field(QPDFObjectHandle before, QPDFObjectHandle after, Node node, int depth) {
  if (depth == 0 || !before.isDictionary() || !after.isDictionary()) return;
  if (after.isIndirect() && !fields_.insert(after.getObjGen()).second) return;
  node.name = joined(node.name, before);
  if (const std::string type = name_of(before.getKey("/FT")); !type.empty()) node.type = type;
  node.has_value = node.has_value || !before.getKey("/V").isNull();
  if (states_.is_touched(after)) {
    touched_field(before, after, node);
  } else if (node.type != "Sig") {
    // The dictionary stands; what it refers to may have been written anew.
    const Cause cause{ChangeKind::form_filling, node.name, Cause::Replacing::all,
                      Cause::Reach::all};
    const std::size_t explained = explained_.size();
    for (const char* key : {"/V", "/AP", "/RV"}) {
      QPDFObjectHandle value = after.getKey(key);
      if (states_.is_touched(value) ? accept(value) : !value.isIndirect()) explore(value, cause);
    }
    if (explained_.size() > explained)
      note(ChangeKind::form_filling, number_of(after), node.name, "value of a field");
  }
  QPDFObjectHandle kids_before = before.getKey("/Kids"), kids_after = after.getKey("/Kids");
  if (!kids_before.isArray() || !kids_after.isArray()) return;
  const int count = std::min(kids_before.getArrayNItems(), kids_after.getArrayNItems());
  for (int i = 0; i < count; ++i)
    if (same_member(kids_before.getArrayItem(i), kids_after.getArrayItem(i)))
      field(kids_before.getArrayItem(i), kids_after.getArrayItem(i), node, depth - 1);
}

// Leaves the field unexplained when it differs in more than it may.
void ChangeRules::touched_field(QPDFObjectHandle before, QPDFObjectHandle after, const Node& node) {
  const bool signing = node.type == "Sig";
  const Keys keys = differing_keys(before, after);
  if ((signing && node.has_value) || !within(keys, signing ? kWhenSigned : kWhenFilled)) return;
  const ChangeKind kind = signing ? kind_of_value(after) : ChangeKind::form_filling;
  const Cause cause{kind, node.name, signing ? Cause::Replacing::no : Cause::Replacing::all,
                    signing ? Cause::Reach::touched : Cause::Reach::all};
  explained_.insert(after.getObjGen());
  note(kind, number_of(after), node.name, signing ? "signature in a field" : "value of a field");
  for (const std::string& key : keys) {
    QPDFObjectHandle value = after.getKey(key);
    if (key == "/P" || acts(value)) continue;
    if (states_.is_touched(value) && !accept(value)) continue;
    explore(value, cause);
  }
}

void ChangeRules::new_field(QPDFObjectHandle after) {
  const std::string name = joined("", after);
  if (!after.isDictionary() || !may_be_new(after) || name_of(after.getKey("/FT")) != "Sig")
    return note(ChangeKind::other, number_of(after), name, "a field that is no new signature's");
  explain(after, {kind_of_value(after), name}, "signature in a new field");
}

}  // namespace tsp::pdf
