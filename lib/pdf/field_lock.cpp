#include <algorithm>

#include "pdf/document.h"

namespace tsp::pdf {
namespace {

bool stands_below(const std::string& field, const std::string& above) {
  return field == above ||
         (field.size() > above.size() && field.compare(0, above.size(), above) == 0 &&
          field[above.size()] == '.');
}

}  // namespace

bool covers(const FieldLock& lock, const std::string& field) {
  const bool named = std::any_of(lock.fields.begin(), lock.fields.end(),
                                 [&field](const std::string& n) { return stands_below(field, n); });
  switch (lock.action) {
    case FieldLock::Action::all:
      return true;
    case FieldLock::Action::include:
      return named;
    case FieldLock::Action::exclude:
      return !named;
  }
  return true;
}

}  // namespace tsp::pdf
