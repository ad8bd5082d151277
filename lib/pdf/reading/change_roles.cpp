// Who has which place in the document, learnt from the state that the first step starts from. What
// loops or is nested too deeply is left out, so that changes there have no explanation.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pdf/reading/change_rules.h"
#include "pdf/reading/fields.h"
#include "pdf/reading/pages.h"

namespace tsp::pdf {
namespace {

constexpr int kTreeDepth = 100, kValueDepth = 20;
constexpr std::uint64_t kReadOnly = 1;  // Table 221

}  // namespace

void ChangeRules::learn_pages() {
  std::vector<std::pair<std::uint64_t, int>> open;
  const auto put = [&](const Value& reference, std::uint64_t above, int depth) {
    if (!reference.is_reference() || depth >= kTreeDepth || pages_.size() >= kPageLimit)
      pages_known_ = false;
    else if (above_.emplace(reference.number, above).second)
      open.emplace_back(reference.number, depth);
  };
  put(time_.after(time_.trailer_after().get("Root")).get("Pages"), 0, 0);
  while (!open.empty()) {
    const auto [number, depth] = open.back();
    open.pop_back();
    const Object& node = time_.after(number);
    if (node.stream || !node.value.is_dictionary()) continue;
    const Value& kids = time_.after(node.value.get("Kids"));
    for (const Value& kid : kids.items) put(kid, number, depth + 1);
    // Some readers take what has /Kids for a page when it says that it is one.
    if (!kids.is_array() || time_.after(node.value.get("Type")).is_name("Page")) {
      pages_.insert(number);
      learn_widgets(number);
    }
  }
}

void ChangeRules::learn_form() {
  const Value& catalog = time_.after(time_.trailer_after().get("Root"));
  const Value& form = time_.after(catalog.get("AcroForm"));
  const Value& fields = time_.after(form.get("Fields"));
  learn_resources(form);
  for (const Value& each : fields.items) learn_field(each, {}, kTreeDepth);
  for (const auto& [widget, shown] : shown_) learn_parents(widget);
  for (const std::uint64_t parent : unlisted_parents_) {
    refuse_filling(parent);
    learn_parents(parent);
  }
}

// Somebody inherits from this field, and those above it, who is not listed there.
void ChangeRules::refuse_filling(std::uint64_t field) {
  for (auto known = fields_.find(field); known != fields_.end();
       known = fields_.find(known->second.parent))
    known->second.read_only = true;
}

// What a widget shows, and what it is called, follows from the fields that its /Parent leads to,
// whether they list it or not.
void ChangeRules::learn_parents(std::uint64_t widget) {
  const bool is_field = time_.after(widget).value.get("Subtype").is_name("Widget");
  std::uint64_t number = widget;
  std::string name;
  for (int depth = 0; depth < kTreeDepth; ++depth) {
    const Value& node = time_.after(number).value;
    if (const std::string part = text_of(time_.after(node.get("T"))); !part.empty())
      name = name.empty() ? part : fmt::format("{}.{}", part, name);
    const Value& parent = node.get("Parent");
    if (!parent.is_reference()) {
      if (is_field) names_.insert(name);
      return;
    }
    const auto known = fields_.find(number);
    const bool is_listed = known != fields_.end() && known->second.parent == parent.number;
    if (!is_listed) refuse_filling(parent.number);
    number = parent.number;
  }
}

bool ChangeRules::learn_field(const Value& field, Node node, int depth) {
  const Value& value = time_.after(field);
  if (value.is_null()) return true;
  if (depth == 0 || !field.is_reference() || fields_.size() >= kFieldLimit) return false;
  if (!value.is_dictionary() || is_stream(field) || fields_.count(field.number) > 0) return false;
  node.parent = std::exchange(node.number, field.number);
  if (const Value& part = time_.after(value.get("T")); !part.text.empty())
    node.name += (node.name.empty() ? "" : ".") + text_of(part), node.field = field.number;
  if (const Value& type = time_.after(value.get("FT")); type.is(Value::Kind::name))
    node.type = type.text;
  if (value.has("Ff"))
    node.read_only = (flags_of(value, "Ff").value_or(kReadOnly) & kReadOnly) != 0;
  names_.insert(node.name);
  node.has_value = node.has_value || value.has("V");
  node.first = covers_.size();
  if (const Cover own = cover_of(value, field.number); own.part > 0) covers_.push_back(own);
  Node& known = fields_[field.number] = node;
  if (node.type != "Sig") learn_values(field);
  learn_resources(value);
  bool all_known = true;
  for (const Value& kid : time_.after(value.get("Kids")).items)
    all_known = learn_field(kid, node, depth - 1) && all_known;
  known.last = covers_.size();
  // A lock that names fields could not name it; of a key that stands twice readers take either.
  if (node.name.empty() || !all_known || value.repeats) known.read_only = true;
  return all_known;
}

// What a value or an appearance is made of may be written anew when the field is filled in.
void ChangeRules::learn_values(const Value& field) {
  std::vector<std::pair<Value, int>> open;
  const Value& value = time_.after(field);
  for (const char* key : {"V", "AP", "RV"}) open.emplace_back(value.get(key), 0);
  while (!open.empty()) {
    const auto [from, depth] = open.back();
    open.pop_back();
    for_each_reference(from, [&, deep = depth](const Value& each) {
      if (deep >= kValueDepth || !values_.emplace(each.number, field.number).second) return;
      const Object& object = time_.after(each.number);
      if (!object.stream) open.emplace_back(object.value, deep + 1);
    });
  }
}

// The names in a piece of content, as "/Helv 0 Tf 0 g".
void ChangeRules::learn_resources(const Value& holder) {
  const Value& defaults = time_.after(holder.get("DA"));
  if (!defaults.is(Value::Kind::string)) return;
  const std::string_view text = defaults.text;
  Window window(text);
  Lexer lexer(window);
  for (std::size_t at = text.find('/'); at != text.npos; at = text.find('/', at + 1))
    if (const auto token = lexer.next(at); token && token->kind == Token::Kind::name)
      resources_.insert(lexer.name(*token));
}

void ChangeRules::learn_parts() {
  parts_.clear();
  parts_of_form_.clear();
  const auto put = [&](const Value& value) {
    for_each_reference(value, [&](const Value& each) { parts_.insert(each.number); });
  };
  const Value& root = time_.trailer_after().get("Root");
  put(root);
  const Value& catalog = time_.after(root);
  for (std::size_t i = 0; i < catalog.keys.size(); ++i)
    if (catalog.keys[i] != "AcroForm" || catalog.items[i].is_reference()) put(catalog.items[i]);
  const Value& form = time_.after(catalog.get("AcroForm"));
  for (std::size_t i = 0; i < form.keys.size(); ++i)
    if (form.keys[i] != "Fields" || form.items[i].is_reference())
      for_each_reference(form.items[i],
                         [&](const Value& each) { parts_of_form_.insert(each.number); });
  parts_.insert(parts_of_form_.begin(), parts_of_form_.end());
}

void ChangeRules::learn_store() {
  std::vector<Value> open{time_.after(time_.trailer_after().get("Root")).get("DSS")};
  while (!open.empty()) {
    const Value from = open.back();
    open.pop_back();
    for_each_reference(from, [&](const Value& each) {
      if (!store_.insert(each.number).second) return;
      const Object& object = time_.after(each.number);
      if (!object.stream) open.push_back(object.value);
    });
  }
}

}  // namespace tsp::pdf
