#include "validation/report.h"

namespace tsp::validation {

std::string_view name_of(Indication indication) {
  switch (indication) {
    case Indication::total_passed:
      return "TOTAL-PASSED";
    case Indication::total_failed:
      return "TOTAL-FAILED";
    case Indication::indeterminate:
      return "INDETERMINATE";
  }
  return "INDETERMINATE";
}

std::string_view name_of(Status status) {
  switch (status) {
    case Status::passed:
      return "PASSED";
    case Status::failed:
      return "FAILED";
    case Status::indeterminate:
      return "INDETERMINATE";
  }
  return "INDETERMINATE";
}

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "error";
}

}  // namespace tsp::validation
