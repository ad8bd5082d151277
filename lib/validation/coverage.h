// What of the file a signature covers, and whether what came after it is what a signature can
// tolerate (ISO 32000-2 12.8.2.2). Part of signature acceptance; EN 319 102-1 leaves it to the
// format.
#pragma once

#include <functional>

#include "pdf/changes.h"
#include "pdf/document.h"
#include "validation/conclusion.h"

namespace tsp::validation {

inline constexpr std::string_view kChangedAfterSigning = "pdf.changed-after-signing",
                                  kChangesAllowed = "pdf.changes-allowed",
                                  kForbiddenChange = "pdf.change-forbidden",
                                  kNotCovered = "pdf.not-covered",
                                  kTrailingData = "pdf.trailing-data",
                                  kChangesUnknown = "pdf.changes-unknown";

enum class Coverage { whole_file, revision, not_covered };
std::string_view name_of(Coverage coverage);  // "whole-file", "revision", "not-covered"

enum class Modifications { none, allowed, unexpected, unknown };
std::string_view name_of(Modifications modifications);

// The octets behind the last revision's end; a file may end with white space.
bool has_trailing_data(const pdf::Inspection& document, ByteView file);

Coverage coverage_of(const pdf::Inspection& document, const pdf::ByteRange& range);

struct ModificationCheck {
  Modifications modifications = Modifications::none;
  // passed; SIG_CONSTRAINTS_FAILURE for changes that are not understood or cannot be told;
  // FORMAT_FAILURE for what this signature's own certification or field lock forbids.
  Conclusion conclusion;
  std::vector<Finding> findings;
};

// Judges the changes after a revision that a signature covers. Without a certification validation
// data, time-stamps, further signatures, form filling and metadata are tolerated; annotations and
// everything else are not.
ModificationCheck judge_changes(const pdf::SignatureEntry& entry,
                                const std::vector<pdf::Change>& changes);

// Coverage and changes of one signature; `changes_after` reads the changes behind a revision's end
// and may throw Error, which leaves them unknown.
struct CoverageCheck {
  Coverage coverage = Coverage::not_covered;
  ModificationCheck modified;
};
CoverageCheck check_coverage(
    const pdf::Inspection& document, const pdf::SignatureEntry& entry, ByteView file,
    const std::function<std::vector<pdf::Change>(std::uint64_t)>& changes_after);

}  // namespace tsp::validation
