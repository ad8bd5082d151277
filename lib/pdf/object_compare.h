// Two states of one document, object by object. Internal to the room, inside the jail.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "pdf/open.h"

namespace tsp::pdf {

// Whether two values are written alike; references are compared by their numbers, not followed.
// Streams by dictionary and encoded data.
bool same_value(QPDFObjectHandle a, QPDFObjectHandle b);

// The same for members of an array or dictionary, where a reference differs from what it leads to.
bool same_member(QPDFObjectHandle a, QPDFObjectHandle b);
// Of an indirect object; 0 for a direct one.
std::uint64_t number_of(QPDFObjectHandle value);

// Calls `visit` with every reference inside a value, those inside of direct members included.
void for_each_reference(QPDFObjectHandle value, const std::function<void(QPDFObjectHandle)>& visit);

// An earlier and a later state, and the objects in which they differ.
class States {
 public:
  States(Opened& before, Opened& after);

  // Objects of the later state that are new or differ; cross-reference and object streams apart.
  const std::set<QPDFObjGen>& touched() const { return touched_; }
  // Objects that the later state no longer has.
  const std::set<QPDFObjGen>& removed() const { return removed_; }
  bool is_touched(QPDFObjectHandle value) const {
    return value.isIndirect() && touched_.count(value.getObjGen()) > 0;
  }
  bool is_new(QPDFObjGen object) const { return before_entries_.count(object) == 0; }
  QPDFObjectHandle before(QPDFObjGen object) const { return before_.objects->getObject(object); }
  QPDFObjectHandle after(QPDFObjGen object) const { return after_.objects->getObject(object); }
  // How many objects of the earlier state refer to a touched one: 0 for a new object, unless
  // somebody laid out a reference before there was anything to refer to.
  int references_before(QPDFObjGen object) const;

 private:
  void find_touched();
  void count_references();
  Opened& before_;
  Opened& after_;
  std::map<QPDFObjGen, QPDFXRefEntry> before_entries_, after_entries_;
  std::set<QPDFObjGen> touched_, removed_;
  std::map<QPDFObjGen, int> references_;
};

}  // namespace tsp::pdf
