// A PDF's signatures, all of them, judged and told (EN 319 102-1 5.3, 5.5 and 5.6; the report of
// validation/report.h).
#pragma once

#include <functional>

#include "pdf/changes.h"
#include "pdf/document.h"
#include "validation/context.h"
#include "validation/report.h"

namespace tsp::validation {

inline constexpr std::string_view kNoSignature = "no-signature", kDamaged = "pdf.damaged",
                                  kStoreUnreadable = "pdf.validation-data-unreadable",
                                  kLevelTooLow = "signature.level-too-low",
                                  kNotBaseline = "signature.not-baseline",
                                  kTimestampFails = "timestamp.fails";

// Everything that comes from the file; the file stays mapped while this is used.
struct PdfUnderValidation {
  std::string file;  // as named to the user
  ByteView octets;
  pdf::Inspection inspection;
  // The changes after the revision that ends there; may throw Error.
  std::function<std::vector<pdf::Change>(std::uint64_t)> changes_after;
};

// Adds what the document carries to context.evidence. Signatures come in the order of their
// revisions; the file's indication is the worst of theirs, INDETERMINATE without any.
Report validate_pdf(const PdfUnderValidation& document, Context& context);

}  // namespace tsp::validation
