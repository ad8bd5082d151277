// The fields of the interactive form, ISO 32000-1 12.7.3, walked from /AcroForm /Fields down.
#pragma once

#include "pdf/reading/pages.h"

namespace tsp::pdf {

// A terminal field, with what it inherits.
struct Field {
  std::string name;  // fully qualified, UTF-8
  std::string type;  // Sig, Tx, …; empty when none is written
  QPDFObjectHandle object;
  QPDFObjectHandle value;                 // /V, or null
  std::vector<QPDFObjectHandle> widgets;  // the field itself when both are one dictionary
};

struct FieldTree {
  std::vector<Field> fields;
  std::vector<std::string> names;  // of terminal fields and of their parents
  bool has(const std::string& name) const;
};

// Visits every node once: what loops or stands twice is left out the second time. Error{bad_input}
// for a form that is no dictionary, /Fields that is no array, a tree deeper than 100 or of more
// than kFieldLimit nodes.
inline constexpr std::size_t kFieldLimit = 100000;
FieldTree read_fields(const Opened& document);

// The page on which a widget stands: its /P when that is a page, else the page whose /Annots name
// it; 0 for none. Looks through all pages at most once.
class WidgetPages {
 public:
  explicit WidgetPages(const PageTree& tree) : tree_(tree) {}
  int of(QPDFObjectHandle widget);

 private:
  void look_through();
  const PageTree& tree_;
  std::map<QPDFObjGen, int> found_;
  bool looked_ = false;
};

// /Lock of a field or /TransformParams of FieldMDP: the same keys.
std::optional<FieldLock> lock_of(QPDFObjectHandle dictionary);

}  // namespace tsp::pdf
