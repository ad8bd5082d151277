// What of the file a signature covers, and whether what came after it is what a signature can
// tolerate (ISO 32000-2 12.8.2.2). Part of signature acceptance; EN 319 102-1 leaves it to the
// format.
#pragma once

#include <functional>
#include <span>

#include "base/error.h"
#include "pdf/changes.h"
#include "pdf/document.h"
#include "validation/conclusion.h"
#include "validation/page_cover.h"

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
// The revision that a range ends with, before or behind its last end of line.
std::optional<std::size_t> revision_of(const pdf::Inspection& document,
                                       const pdf::ByteRange& range);

struct ModificationCheck {
  Modifications modifications = Modifications::none;
  // passed; SIG_CONSTRAINTS_FAILURE for changes that are not understood or cannot be told;
  // FORMAT_FAILURE for what this signature's own certification or field lock forbids.
  Conclusion conclusion;
  std::vector<Finding> findings;
};

// Judges the changes after a revision that a signature covers. Without a certification validation
// data, time-stamps, further signatures, form filling and metadata are tolerated; annotations and
// everything else are not. A certification (or a lock's /P) of 1 tolerates validation data and
// invisible time-stamps, 2 signatures and form filling besides, 3 comments besides: annotations
// that are drawn, and new visible signatures, may hide what was certified, and are left to a person
// even there. What the signature's FieldMDP or its field's /Lock covers may not be filled or
// signed; where it covers all fields, or all but some, that goes for fields without a name and for
// the form's defaults (DR, DA, NeedAppearances) as well; a field that these show anew counts by its
// name. Where fields that were filled in or signed
// cover more than half of a page together, it is left to a person: `most`.
ModificationCheck judge_changes(const pdf::SignatureEntry& entry,
                                std::span<const pdf::Change> changes, const PageCover::Most& most);

// What became of a document after each of its revisions, read once for all its signatures.
class ChangeLog {
 public:
  // The changes behind the revision that ends there; may throw Error, which leaves them unknown.
  using Read = std::function<std::vector<pdf::Change>(std::uint64_t)>;
  // All of them outlive this.
  ChangeLog(const pdf::Inspection& document, ByteView file, Read read);

  // Where the earliest revision that a signature covers ends: changes are read from there on, once.
  static std::optional<std::uint64_t> beginning(const pdf::Inspection& document);
  // In the order of revisions, those later than one. A signature or time-stamp that is none, or
  // does not cover its own revision, counts as ChangeKind::other; metadata that comes with evidence
  // or a time-stamp and nothing else counts as validation data.
  std::span<const pdf::Change> after(std::size_t revision);
  // What those later than one cover of the page that they cover most of.
  PageCover::Most cover_after(std::size_t revision);
  // The revision that a range ends with.
  std::optional<std::size_t> revision_of(const pdf::ByteRange& range) const;
  const pdf::Inspection& document() const { return document_; }
  bool has_trailing_data();

 private:
  void load();
  void sum_covers();
  std::size_t first_after(std::size_t revision);
  void join_metadata();
  const pdf::Inspection& document_;
  ByteView file_;
  Read read_;
  bool loaded_ = false;
  std::optional<bool> trailing_;
  std::optional<Error> error_;
  std::vector<pdf::Change> changes_;
  std::vector<PageCover::Most> covers_;  // of each change and those behind it
};

// Coverage and changes of one signature that has a byte range.
struct CoverageCheck {
  Coverage coverage = Coverage::not_covered;
  ModificationCheck modified;
};
CoverageCheck check_coverage(const pdf::SignatureEntry& entry, ChangeLog& log);

}  // namespace tsp::validation
