// What a lock covers of what was changed (ISO 32000-2 12.8.2.4).
#include "validation/coverage.h"

#include "support/catch.h"

using namespace tsp;
using pdf::Change;
using pdf::ChangeKind;
using pdf::FieldLock;

namespace {

// The verdict on one change behind a signature in the field "Signature1" that locks fields.
std::string under(FieldLock::Action action, const std::string& field,
                  ChangeKind kind = ChangeKind::form_filling) {
  pdf::SignatureEntry entry;
  entry.field = "Signature1";
  entry.field_mdp = FieldLock{action, {"name"}, {}};
  const std::vector changes{Change{kind, 1, 7, field, "filled", {}}};
  return std::string(name_of(validation::judge_changes(entry, changes, {}).conclusion.sub));
}

}  // namespace

TEST_CASE("a lock of all fields covers those without a name, and the form's defaults") {
  CHECK(under(FieldLock::Action::all, "name") == "FORMAT_FAILURE");
  CHECK(under(FieldLock::Action::all, "") == "FORMAT_FAILURE");
  CHECK(under(FieldLock::Action::all, "", ChangeKind::signature) == "FORMAT_FAILURE");
  CHECK(under(FieldLock::Action::all, "", ChangeKind::visible_signature) == "FORMAT_FAILURE");
  CHECK(under(FieldLock::Action::all, "Signature1") == "");
  CHECK(under(FieldLock::Action::all, "", ChangeKind::document_timestamp) == "");
}

TEST_CASE("a lock of all but some covers fields without a name, one of some does not") {
  CHECK(under(FieldLock::Action::exclude, "") == "FORMAT_FAILURE");
  CHECK(under(FieldLock::Action::exclude, "name") == "");
  CHECK(under(FieldLock::Action::include, "") == "");
  CHECK(under(FieldLock::Action::include, "name.first") == "FORMAT_FAILURE");
}
