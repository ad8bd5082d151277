// What became of a document after one of its revisions: every object that later revisions add,
// replace or remove, and why it may have been. ISO 32000-2 12.8.2.2 names what a signature can
// tolerate; whether it does is the caller's to say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jail/jail.h"

namespace tsp::pdf {

enum class ChangeKind {
  validation_data,     // the security store (/DSS)
  document_timestamp,  // a field with a document time-stamp
  signature,           // a signature put into a new or an empty field
  form_filling,        // the value and appearance of another field
  annotation,          // anything else added to a page's /Annots
  metadata,            // /Info, /Metadata, /Extensions, /Version
  other                // whatever is none of these
};
std::string_view name_of(ChangeKind kind);  // "validation-data", …

struct Change {
  ChangeKind kind = ChangeKind::other;
  std::uint64_t object = 0;  // its number; 0: the trailer
  std::string field;         // fully qualified name, for signatures and form filling
  std::string what;          // for people
};

// The changes between the revision that ends at `revision_end` and the whole file, by object
// number. Objects written again with the same content are none. The answer is cautious: what is
// not understood is `other`. Compares objects as qpdf reads them; pages are not rendered, so that
// a signature's or annotation's appearance may still lie over the text.
// Error{bad_input} when either state cannot be read without repair, or reading it was stopped.
std::vector<Change> changes_after(jail::Jail& jail, const Fd& file, const std::string& name,
                                  std::uint64_t revision_end);

}  // namespace tsp::pdf
