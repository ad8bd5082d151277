// What became of a document after one of its revisions: every object that each later revision adds,
// replaces or removes, held against the revision before it, and why it may have been. ISO
// 32000-2 12.8.2.2 names what a signature can tolerate; whether it does is the caller's to say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jail/jail.h"

namespace tsp::pdf {

enum class ChangeKind {
  validation_data,     // the security store (/DSS)
  document_timestamp,  // a document time-stamp in a field that is not seen
  signature,           // a signature put into an empty field on no more than a quarter of the page,
                       // or into a new one that is not seen
  visible_signature,   // one in a new field that is seen, on no more than a quarter of the page
  form_filling,        // the value, and with it the appearance, of another field, however large
  comment,             // a note without an appearance of its own
  annotation,          // anything else added to a page's /Annots, and other signature fields that
                       // are seen: it may hide what was signed
  metadata,            // /Info, /Metadata, /Extensions, /Version
  other                // whatever is none of these
};
std::string_view name_of(ChangeKind kind);  // "validation-data", …

// What is shown anew on a page: by a field that is filled in or signed, through one of its widgets.
struct Cover {
  std::uint64_t page = 0, widget = 0;  // object numbers; page 0: no page shows the widget
  double part = 0;                     // of the page, above 0; 1 where it cannot be told, or more
};

struct Change {
  ChangeKind kind = ChangeKind::other;
  std::size_t revision = 0;  // index into Inspection::revisions: which one made it
  std::uint64_t object = 0;  // its number; 0: the trailer
  std::string field;         // fully qualified name, for signatures and form filling
  std::string what;          // for people
  std::vector<Cover> covers;
};

// The changes of all revisions behind the one that ends at `revision_end`, in their order and by
// object number. Objects written again with the same content are none; a change that a later
// revision undoes is one. The answer is cautious: what is not understood is `other`. Time and
// memory are linear in the file. Pages are not rendered: what an appearance shows is not looked at.
// Error{bad_input} when a revision cannot be read without repair, an object is not all within its
// revision, there are more than 100 000 changes with what they cover, or reading was stopped.
std::vector<Change> changes_after(jail::Jail& jail, const Fd& file, const std::string& name,
                                  std::uint64_t revision_end);

}  // namespace tsp::pdf
