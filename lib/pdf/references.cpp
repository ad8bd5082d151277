#include "pdf/references.h"

#include <algorithm>
#include <set>

namespace tsp::pdf {
namespace {

constexpr int kMostParents = 100;

class Highest {
 public:
  // The object's own references, and those of the arrays and dictionaries that stand in it.
  void look_into(QPDFObjectHandle object) {
    if (object.isArray()) {
      for (int i = 0; i < object.getArrayNItems(); ++i) look_at(object.getArrayItem(i));
    } else if (object.isDictionary()) {
      for (const auto& [key, value] : object.getDictAsMap()) look_at(value);
    }
  }

  // Fields stand below few parents: each is looked into once.
  void look_upwards(QPDFObjectHandle field) {
    for (int i = 0; i < kMostParents && field.isDictionary(); ++i) {
      if (field.isIndirect() && !seen_.insert(field.getObjGen()).second) return;
      look_into(field);
      field = get(field, "/Parent");
    }
  }

  int number() const { return number_; }

 private:
  void look_at(QPDFObjectHandle object) {
    if (object.isIndirect())
      number_ = std::max(number_, object.getObjectID());
    else
      look_into(object);
  }

  int number_ = 0;
  std::set<QPDFObjGen> seen_;
};

}  // namespace

int highest_reference(const Opened& document, const PageTree& pages, const FieldTree& fields) {
  Highest out;
  const QPDFObjectHandle catalog = document.catalog();
  out.look_into(catalog);
  out.look_into(get(catalog, "/AcroForm"));
  out.look_into(get(get(catalog, "/AcroForm"), "/Fields"));
  out.look_into(get(catalog, "/Perms"));
  for (const Page& page : pages.pages) {
    out.look_into(page.object);
    out.look_into(get(page.object, "/Annots"));
  }
  for (const Field& field : fields.fields) {
    out.look_upwards(field.object);
    for (const QPDFObjectHandle& widget : field.widgets) out.look_upwards(widget);
  }
  return out.number();
}

}  // namespace tsp::pdf
