#include "pdf/object_compare.h"

#include <cstring>
#include <qpdf/Buffer.hh>

namespace tsp::pdf {
namespace {

// Direct values nested deeper than this are taken to differ.
constexpr int kDepthLimit = 100;

bool same_direct(QPDFObjectHandle a, QPDFObjectHandle b, int depth);

// A member of an array or dictionary: a reference is compared as such.
bool same_member(QPDFObjectHandle a, QPDFObjectHandle b, int depth) {
  if (a.isIndirect() || b.isIndirect())
    return a.isIndirect() && b.isIndirect() && a.getObjGen() == b.getObjGen();
  return same_direct(a, b, depth);
}

bool same_array(QPDFObjectHandle a, QPDFObjectHandle b, int depth) {
  const int count = a.getArrayNItems();
  if (count != b.getArrayNItems()) return false;
  for (int i = 0; i < count; ++i)
    if (!same_member(a.getArrayItem(i), b.getArrayItem(i), depth)) return false;
  return true;
}

bool same_dictionary(QPDFObjectHandle a, QPDFObjectHandle b, int depth) {
  const std::set<std::string> keys = a.getKeys();
  if (keys != b.getKeys()) return false;
  for (const std::string& key : keys)
    if (!same_member(a.getKey(key), b.getKey(key), depth)) return false;
  return true;
}

bool same_data(QPDFObjectHandle a, QPDFObjectHandle b) {
  const auto left = a.getRawStreamData(), right = b.getRawStreamData();
  return left->getSize() == right->getSize() &&
         std::memcmp(left->getBuffer(), right->getBuffer(), left->getSize()) == 0;
}

bool same_direct(QPDFObjectHandle a, QPDFObjectHandle b, int depth) {
  if (depth <= 0 || a.getTypeCode() != b.getTypeCode()) return false;
  if (a.isArray()) return same_array(a, b, depth - 1);
  if (a.isDictionary()) return same_dictionary(a, b, depth - 1);
  if (a.isStream()) return same_dictionary(a.getDict(), b.getDict(), depth - 1) && same_data(a, b);
  return a.unparseResolved() == b.unparseResolved();
}

void walk_references(QPDFObjectHandle value, const std::function<void(QPDFObjectHandle)>& visit,
                     int depth) {
  const auto member = [&](QPDFObjectHandle each) {
    if (each.isIndirect())
      visit(each);
    else if (depth > 0)
      walk_references(each, visit, depth - 1);
  };
  if (value.isArray())
    for (int i = 0, count = value.getArrayNItems(); i < count; ++i) member(value.getArrayItem(i));
  QPDFObjectHandle dictionary = value.isStream() ? value.getDict() : value;
  if (dictionary.isDictionary())
    for (const std::string& key : dictionary.getKeys()) member(dictionary.getKey(key));
}

// How the file is stored, not what it says.
bool is_structure(QPDFObjectHandle object) {
  if (!object.isStream()) return false;
  const std::string type = name_of(object.getDict().getKey("/Type"));
  return type == "XRef" || type == "ObjStm";
}

}  // namespace

bool same_value(QPDFObjectHandle a, QPDFObjectHandle b) {
  return same_direct(a, b, kDepthLimit);
}

void for_each_reference(QPDFObjectHandle value,
                        const std::function<void(QPDFObjectHandle)>& visit) {
  walk_references(value, visit, kDepthLimit);
}

bool same_member(QPDFObjectHandle a, QPDFObjectHandle b) {
  return same_member(a, b, kDepthLimit);
}

std::uint64_t number_of(QPDFObjectHandle value) {
  return value.isIndirect() ? static_cast<std::uint64_t>(value.getObjectID()) : 0;
}

States::States(Opened& before, Opened& after)
    : before_(before),
      after_(after),
      before_entries_(before.objects->getXRefTable()),
      after_entries_(after.objects->getXRefTable()) {
  find_touched();
  if (!touched_.empty()) count_references();
}

void States::find_touched() {
  const auto same_place = [&](const QPDFXRefEntry& a, const QPDFXRefEntry& b) {
    if (a.getType() != b.getType()) return false;
    if (a.getType() == 1) return a.getOffset() == b.getOffset();
    // Inside an object stream: the same one at the same place.
    const QPDFObjGen holder(a.getObjStreamNumber(), 0);
    const auto old_holder = before_entries_.find(holder), new_holder = after_entries_.find(holder);
    return a.getType() == 2 && a.getObjStreamNumber() == b.getObjStreamNumber() &&
           a.getObjStreamIndex() == b.getObjStreamIndex() && old_holder != before_entries_.end() &&
           new_holder != after_entries_.end() && old_holder->second.getType() == 1 &&
           new_holder->second.getType() == 1 &&
           old_holder->second.getOffset() == new_holder->second.getOffset();
  };
  for (const auto& [object, entry] : after_entries_) {
    const auto old = before_entries_.find(object);
    if (old == before_entries_.end()) {
      if (!is_structure(after(object))) touched_.insert(object);
    } else if (!same_place(old->second, entry) &&
               !(is_structure(before(object)) && is_structure(after(object))) &&
               !same_value(before(object), after(object))) {
      touched_.insert(object);
    }
  }
  for (const auto& [object, entry] : before_entries_)
    if (after_entries_.count(object) == 0 && !is_structure(before(object))) removed_.insert(object);
}

void States::count_references() {
  for (const auto& [object, entry] : before_entries_) {
    std::set<QPDFObjGen> counted;
    // What stands where it stood is read in the later state: qpdf 12 reads a reference to what is
    // not there as null, and so hides one that was laid out beforehand.
    const bool stands = touched_.count(object) == 0 && after_entries_.count(object) > 0;
    for_each_reference(stands ? after(object) : before(object), [&](QPDFObjectHandle reference) {
      const QPDFObjGen target = reference.getObjGen();
      if (touched_.count(target) > 0 && counted.insert(target).second) ++references_[target];
    });
  }
}

int States::references_before(QPDFObjGen object) const {
  const auto found = references_.find(object);
  return found == references_.end() ? 0 : found->second;
}

}  // namespace tsp::pdf
