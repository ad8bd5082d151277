#include "pdf/reading/fields.h"

#include <algorithm>
#include <set>

namespace tsp::pdf {
namespace {

constexpr std::size_t kFieldDepthLimit = 100, kLockFieldLimit = 10000;

struct InheritedField {
  std::string name, type;
  QPDFObjectHandle value = QPDFObjectHandle::newNull();
};

class FieldWalk {
 public:
  explicit FieldWalk(const Opened& document) : document_(document) {}

  FieldTree run() {
    QPDFObjectHandle form = get(document_.catalog(), "/AcroForm");
    if (form.isNull()) return {};
    if (!form.isDictionary()) throw damaged_error(document_.name, "its form is no dictionary");
    QPDFObjectHandle fields = form.getKey("/Fields");
    if (fields.isNull()) return {};
    if (!fields.isArray()) throw damaged_error(document_.name, "its form has no list of fields");
    for (int i = 0, count = fields.getArrayNItems(); i < count; ++i)
      visit(fields.getArrayItem(i), {}, 0);
    return std::move(tree_);
  }

 private:
  void visit(QPDFObjectHandle node, InheritedField from, std::size_t depth) {
    if (!node.isDictionary()) return;
    if (node.isIndirect() && !seen_.insert(node.getObjGen()).second) return;
    if (++visited_ > kFieldLimit)
      throw damaged_error(document_.name, "its form has too many fields");
    if (depth >= kFieldDepthLimit)
      throw damaged_error(document_.name, "its form is nested too deeply");
    if (const std::string part = text_of(node.getKey("/T")); !part.empty())
      from.name += (from.name.empty() ? "" : ".") + part;
    if (const std::string type = name_of(node.getKey("/FT")); !type.empty()) from.type = type;
    if (node.hasKey("/V")) from.value = node.getKey("/V");
    tree_.names.push_back(from.name);

    std::vector<QPDFObjectHandle> below, widgets;
    QPDFObjectHandle kids = node.getKey("/Kids");
    for (int i = 0, count = kids.isArray() ? kids.getArrayNItems() : 0; i < count; ++i) {
      QPDFObjectHandle kid = kids.getArrayItem(i);
      if (kid.isDictionary()) (kid.hasKey("/T") ? below : widgets).push_back(kid);
    }
    for (const QPDFObjectHandle& kid : below) visit(kid, from, depth + 1);
    if (!below.empty()) return;
    if (widgets.empty()) widgets.push_back(node);
    tree_.fields.push_back({from.name, from.type, node, from.value, std::move(widgets)});
  }

  const Opened& document_;
  FieldTree tree_;
  std::set<QPDFObjGen> seen_;
  std::size_t visited_ = 0;
};

}  // namespace

bool FieldTree::has(const std::string& name) const {
  return std::find(names.begin(), names.end(), name) != names.end();
}

FieldTree read_fields(const Opened& document) {
  return FieldWalk(document).run();
}

int WidgetPages::of(QPDFObjectHandle widget) {
  QPDFObjectHandle page = widget.getKey("/P");
  if (page.isIndirect())
    if (const auto known = tree_.numbers.find(page.getObjGen()); known != tree_.numbers.end())
      return known->second;
  if (!widget.isIndirect()) return 0;
  look_through();
  const auto found = found_.find(widget.getObjGen());
  return found == found_.end() ? 0 : found->second;
}

void WidgetPages::look_through() {
  if (looked_) return;
  looked_ = true;
  for (std::size_t p = 0; p < tree_.pages.size(); ++p) {
    QPDFObjectHandle page = tree_.pages[p].object;
    QPDFObjectHandle annotations = page.getKey("/Annots");
    if (!annotations.isArray()) continue;
    for (int i = 0, count = annotations.getArrayNItems(); i < count; ++i)
      if (QPDFObjectHandle item = annotations.getArrayItem(i); item.isIndirect())
        found_.emplace(item.getObjGen(), static_cast<int>(p) + 1);
  }
}

std::optional<FieldLock> lock_of(QPDFObjectHandle dictionary) {
  if (!dictionary.isDictionary()) return std::nullopt;
  FieldLock lock;
  const std::string action = name_of(dictionary.getKey("/Action"));
  if (action == "Include") lock.action = FieldLock::Action::include;
  if (action == "Exclude") lock.action = FieldLock::Action::exclude;
  QPDFObjectHandle fields = dictionary.getKey("/Fields");
  const int count = fields.isArray() ? fields.getArrayNItems() : 0;
  for (int i = 0; i < count && lock.fields.size() < kLockFieldLimit; ++i)
    lock.fields.push_back(text_of(fields.getArrayItem(i)));
  if (const auto permissions = integer_of(dictionary.getKey("/P")))
    if (*permissions >= 1 && *permissions <= 3) lock.permissions = static_cast<int>(*permissions);
  return lock;
}

}  // namespace tsp::pdf
