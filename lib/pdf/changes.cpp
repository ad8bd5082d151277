// Outside the jail.
#include "pdf/changes.h"

#include "base/error.h"
#include "base/text.h"
#include "pdf/codec.h"
#include "pdf/parsers.h"

namespace tsp::pdf {

std::string_view name_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::validation_data:
      return "validation-data";
    case ChangeKind::document_timestamp:
      return "document-timestamp";
    case ChangeKind::signature:
      return "signature";
    case ChangeKind::visible_signature:
      return "visible-signature";
    case ChangeKind::form_filling:
      return "form-filling";
    case ChangeKind::comment:
      return "comment";
    case ChangeKind::annotation:
      return "annotation";
    case ChangeKind::metadata:
      return "metadata";
    case ChangeKind::other:
      return "other";
  }
  return "other";
}

std::vector<Change> changes_after(jail::Jail& jail, const Fd& file, const std::string& name,
                                  std::uint64_t revision_end) {
  const std::string shown = printable(name);
  const Bytes answer =
      run_parser(jail, Reading::changes, file, shown, encode(ChangesRequest{shown, revision_end}));
  return decode_changes(answer);
}

}  // namespace tsp::pdf
