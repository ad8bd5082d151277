// The rules for the security store, EN 319 142-1 5.4.2: lists of streams that hold octets and
// nothing else.
#include <algorithm>

#include "pdf/reading/change_rules.h"

namespace tsp::pdf {

void ChangeRules::security_store(const Value& store, const Place& place) {
  static const Keys lists{"Certs", "CRLs", "OCSPs"};
  const Value& after = time_.after(store);
  if (!after.is_dictionary() || is_stream(store))
    return note(ChangeKind::other, store.number, "", "the security store is gone");
  stored(store, place);
  for (std::size_t i = 0; i < after.keys.size(); ++i) {
    const std::string& key = after.keys[i];
    const Value& item = after.items[i];
    if (lists.count(key) > 0) {
      list_of_store(item, place);
    } else if (key == "VRI") {
      const Value entries = time_.after(item);
      bool sound = entries.is_dictionary() && !is_stream(item);
      stored(item, place);
      for (const Value& each : entries.items) sound = sound && entry_of_store(each, place);
      if (!sound)
        return note(ChangeKind::other, store.number, "",
                    "the security store holds what belongs to no signature");
    } else if (key != "Type" || !item.is(Value::Kind::name)) {
      return note(ChangeKind::other, store.number, "", "the security store holds " + key);
    }
  }
  note(ChangeKind::validation_data, store.number, "", "validation data");
}

// What is held for one signature (its VRI dictionary).
bool ChangeRules::entry_of_store(const Value& entry, const Place& place) {
  static const Keys lists{"Cert", "CRL", "OCSP"};
  const Value after = time_.after(entry);
  if (!after.is_dictionary() || is_stream(entry)) return false;
  stored(entry, place);
  for (std::size_t i = 0; i < after.keys.size(); ++i) {
    const std::string& key = after.keys[i];
    const Value& item = after.items[i];
    if (lists.count(key) > 0) {
      list_of_store(item, place);
    } else if (key == "TS") {
      if (!is_stream(item)) return false;
      stored(item, place);
    } else if (key == "TU") {
      if (!time_.after(item).is(Value::Kind::string)) return false;
      stored(item, place);
    } else if (key != "Type" || !item.is(Value::Kind::name)) {
      return false;
    }
  }
  return true;
}

// One object of the store; a stream is new or as it was.
void ChangeRules::stored(const Value& value, const Place& place) {
  static const Keys of_stream{"Length", "Filter", "DecodeParms", "DL", "Type"};
  if (!value.is_reference() || !visited_.insert(value.number).second) return;
  store_.insert(value.number);
  const Object& object = time_.after(value.number);
  const bool replaced = time_.is_touched(value) && !time_.is_new(value.number);
  const bool octets_only =
      std::all_of(object.value.keys.begin(), object.value.keys.end(),
                  [&](const std::string& key) { return of_stream.count(key) > 0; });
  if (object.stream && (!octets_only || replaced))
    note(ChangeKind::other, value.number, "", "the security store holds what is no evidence");
  else if (time_.is_touched(value))
    accept(value.number, place);
}

void ChangeRules::list_of_store(const Value& value, const Place& place) {
  const Value& list = time_.after(value);
  if (!list.is_array())
    return note(ChangeKind::other, value.number, "", "the security store holds what is no list");
  stored(value, place);
  for (const Value& each : list.items) {
    // Streams that were there are not looked into again.
    if (each.is_reference() && !time_.is_touched(each) && store_.count(each.number) > 0) continue;
    if (is_stream(each))
      stored(each, place);
    else
      note(ChangeKind::other, each.number, "", "the security store holds what is no evidence");
  }
}

}  // namespace tsp::pdf
