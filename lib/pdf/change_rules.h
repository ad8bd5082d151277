// Why an object may have changed after a signature. Every rule starts at a place of the document
// that a reader gives a fixed meaning (the catalog, a field, a page's /Annots) and explains what is
// reached from there; an object that no rule explains is ChangeKind::other. Internal to the room,
// inside the jail.
//
// Against documents prepared before they were signed (shadow attacks) two laws hold throughout:
// a new object may not have been referred to before it was there, and an array or stream that is
// replaced may have only one place that refers to it.
#pragma once

#include "pdf/changes.h"
#include "pdf/fields.h"
#include "pdf/object_compare.h"

#include <optional>

namespace tsp::pdf {

class ChangeRules {
 public:
  ChangeRules(Opened& before, Opened& after);
  std::vector<Change> run();

 private:
  // What explains objects reached from one place.
  struct Cause {
    ChangeKind kind;
    std::string field;
    enum class Replacing { no, containers, all } replacing = Replacing::no;
    // Whether to look for touched objects behind arrays and dictionaries that are not.
    enum class Reach { touched, all } reach = Reach::touched;
  };
  using Keys = std::set<std::string>;
  // A field and what it inherits.
  struct Node {
    std::string name, type;
    bool has_value = false;
  };

  static bool acts(QPDFObjectHandle value);
  void trailer();
  void catalog();
  void security_store(QPDFObjectHandle after);
  void form(QPDFObjectHandle before, QPDFObjectHandle after);
  void fields(QPDFObjectHandle before, QPDFObjectHandle after);
  void field(QPDFObjectHandle before, QPDFObjectHandle after, Node node, int depth);
  void touched_field(QPDFObjectHandle before, QPDFObjectHandle after, const Node& node);
  void new_field(QPDFObjectHandle after);
  void pages();
  void annotations(QPDFObjectHandle before, QPDFObjectHandle after, std::uint64_t page);

  // Keys whose values are written differently, and those that refer to something touched.
  Keys differing_keys(QPDFObjectHandle before, QPDFObjectHandle after) const;
  Keys changed_keys(QPDFObjectHandle before, QPDFObjectHandle after) const;
  // The old elements are all there, first and in order; then what was added.
  std::optional<std::vector<QPDFObjectHandle>> added(QPDFObjectHandle before,
                                                     QPDFObjectHandle after);
  bool may_be_new(QPDFObjectHandle value) const;
  bool may_replace(QPDFObjectHandle value) const;
  // Marks a touched object explained; false when it may not be.
  bool accept(QPDFObjectHandle value);
  void explain(QPDFObjectHandle value, const Cause& cause, const std::string& what);
  void explore(QPDFObjectHandle value, const Cause& cause, int depth = 100);
  void note(ChangeKind kind, std::uint64_t object, const std::string& field,
            const std::string& what);

  Opened& before_;
  Opened& after_;
  States states_;
  std::set<QPDFObjGen> explained_, visited_, fields_;
  std::vector<Change> changes_;
};

}  // namespace tsp::pdf
