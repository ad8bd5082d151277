// Why an object may have changed after a signature. Every rule starts at a place of the document
// that a reader gives a fixed meaning (the catalog, a field, a page's /Annots) and explains what is
// reached from there; an object that no rule explains is ChangeKind::other. Internal to the room,
// inside the jail.
//
// Against documents prepared before they were signed (shadow attacks) two laws hold throughout:
// a new object may not have been referred to before it was there, and what is replaced must have
// been the explained place's own (change_place.h).
//
// Which object has which place is learnt once, from the first state, and kept up to date by the
// changes that are explained; so a step costs what its revision wrote.
#pragma once

#include <optional>

#include "pdf/changes.h"
#include "pdf/reading/change_place.h"

namespace tsp::pdf {

class ChangeRules {
 public:
  // Before the timeline's first step.
  explicit ChangeRules(Timeline& timeline);
  // The changes of the timeline's last step, by object number.
  std::vector<Change> judge();

 private:
  using Keys = std::set<std::string>;
  using Numbers = Timeline::Numbers;
  // What explains objects reached from one place.
  struct Cause {
    ChangeKind kind;
    std::string field;
    enum class Replacing { no, containers, all } replacing = Replacing::no;
    // Whether to look for touched objects behind arrays and dictionaries that are not.
    enum class Reach { touched, all } reach = Reach::touched;
  };
  // A field, one of its parents or widgets, with what it inherits.
  struct Node {
    std::string name, type;
    std::uint64_t number = 0, parent = 0;  // the object, and the one that lists it
    std::uint64_t field = 0;               // the object that has the name
    bool has_value = false;
    bool read_only = false;           // or without a name, or not all below it is known
    std::size_t first = 0, last = 0;  // of covers_: its own and those below it
  };

  // change_roles.cpp: who has which place.
  void learn_pages();
  void learn_form();
  void learn_parents(std::uint64_t widget);
  void refuse_filling(std::uint64_t field);
  // False when it, or something below it, has no place, or another one before.
  bool learn_field(const Value& field, Node node, int depth);
  void learn_values(const Value& field);
  void learn_resources(const Value& holder);
  void learn_store();
  void learn_parts();

  void trailer();
  void information(const Value& now);
  bool catalog_is_touched() const;
  void catalog();
  void metadata(const Value& value, const Place& place);
  // change_rules_store.cpp
  void security_store(const Value& store, const Place& place);
  bool entry_of_store(const Value& entry, const Place& place);
  void stored(const Value& value, const Place& place);
  void list_of_store(const Value& value, const Place& place);
  // change_rules_pages.cpp
  Numbers touched_pages() const;
  void pages();
  void page(std::uint64_t number);
  void annotations(const Value& before, const Value& after, std::uint64_t page);
  void annotation(const Value& each, std::uint64_t page);
  // Of the step's annotations, those that pages show now, and who shows them.
  void find_shown();
  // change_rules_cover.cpp
  void learn_widgets(std::uint64_t page);
  // What a widget takes of its page: 0 where nobody sees it, 1 where it cannot be told, or more.
  Cover cover_of(const Value& widget, std::uint64_t number);
  // Nothing for what is no plain number of 31 bits: readers differ in which bits that has.
  std::optional<std::uint64_t> flags_of(const Value& holder, const char* key);
  bool is_hidden(const Value& widget);
  // The same of a widget whose appearance was written since: 1 besides where that is not kept in
  // the widget's place.
  Cover cover_of_new(const Value& widget, std::uint64_t number);
  bool stays_in_place(const Value& appearance, int depth);
  std::vector<Cover> covers_of(const Node& node) const;
  // With what its own widget takes as it is written now.
  std::vector<Cover> covers_now(const Node& node);
  double area_of_page(std::uint64_t page);
  // Where the boxes come from the pages above it, as they list it or as their kids name them.
  enum class Above { listing, parent };
  double area_of_page(std::uint64_t page, Above above);
  // change_rules_form.cpp
  void form(const Value& before, const Value& after, std::uint64_t catalog);
  bool keeps_flags(const Value& before, const Value& after);
  bool is_default(const std::string& key, const Value& value);
  bool shows_all_anew(const std::string& key, const Value& before, const Value& after);
  void fields_anew();
  void fields(const Value& before, const Value& after, std::uint64_t holder);
  // change_rules_fill.cpp
  void find_filled();
  void touched_fields();
  void touched_field(std::uint64_t number, Node& node);
  void fill_field(std::uint64_t number, const Node& node, const Keys& keys);
  Place place_of_values(std::uint64_t field);
  void values();
  // change_rules_sign.cpp
  void sign_field(std::uint64_t number, Node& node, const Keys& keys);
  void new_field(const Value& field);
  bool fits_a_field(const Value& before, const Value& after, const Keys& keys);
  bool serves_otherwise(const Node& node);
  void count_listed(std::uint64_t holder, const Value& list);
  bool takes_new_value(const Value& field) const;
  ChangeKind kind_of_new(const Value& field);
  // The largest part that a new field or what is below it takes; nothing for what is no new field.
  std::optional<double> part_of_new(const Value& field, int depth);

  bool acts(const Value& value);
  bool is_stream(const Value& value);  // a reference to one
  static bool within(const Keys& keys, const Keys& allowed);
  // Keys whose values are written differently, and those that refer to something touched.
  Keys differing_keys(const Value& before, const Value& after) const;
  Keys changed_keys(const Value& before, const Value& after) const;
  bool refers_to_touched(const Value& value) const;
  // The old elements are all there, first and in order; then what was added. `before` stood in
  // `holder`.
  std::optional<std::vector<Value>> added(const Value& before, const Value& after,
                                          std::uint64_t holder);
  bool may_be_new(const Value& reference) const;
  // Marks a touched object explained; false when it may not be: it is neither new, without anybody
  // who referred to it, nor the place's own.
  bool accept(std::uint64_t number, const Place& place);
  void explain(const Value& value, const Place& place, const Cause& cause, const std::string& what,
               std::vector<Cover> covers = {});
  void explore(const Value& value, const Place& place, const Cause& cause, int depth = 100);
  // Error{bad_input} when there are too many.
  void note(ChangeKind kind, std::uint64_t object, const std::string& field,
            const std::string& what, std::vector<Cover> covers = {});

  Timeline& time_;
  // The places: pages, the pages of lists of annotations, fields, values of fields, the store.
  Numbers pages_, store_;
  std::map<std::uint64_t, std::uint64_t> above_;  // who lists a page, or pages
  bool pages_known_ = true;                       // all of them
  Numbers parts_, parts_of_form_;                 // what catalog and form refer to, fields apart
  std::map<std::uint64_t, std::uint64_t> lists_;
  Numbers shared_;            // lists that more than one page has
  Numbers unlisted_parents_;  // of widgets that are no objects of their own
  struct Shown {
    std::uint64_t page = 0;
    double area = 0;  // of that page; 0 where there are several
  };
  std::map<std::uint64_t, Shown> shown_;  // annotations
  std::map<std::uint64_t, Node> fields_;
  std::set<std::string> names_;      // of fields_, and of other widgets
  std::set<std::string> resources_;  // that their defaults (/DA), and the form's, name
  std::vector<Cover> covers_;        // of fields_, in the order in which they were learnt
  std::map<std::uint64_t, std::uint64_t> values_;  // to the field
  // Of one step.
  Numbers explained_, visited_;
  Numbers filled_;   // fields that got another value
  Numbers widgets_;  // of new fields, and the fields
  // How often lists of fields, annotations and kids have an object, of those that were counted:
  // whether they are objects of their own, and the number of that, or of who has the list.
  std::set<std::pair<bool, std::uint64_t>> counted_;
  Numbers parents_counted_;
  std::map<std::uint64_t, int> listed_;
  std::vector<Change> changes_;
  std::size_t noted_ = 0;  // changes of all steps, and what they cover
};

}  // namespace tsp::pdf
