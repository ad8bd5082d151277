// One signature of a PDF through the processes of EN 319 102-1, and its part of the report.
// Internal to the room.
#pragma once

#include "validation/coverage.h"
#include "validation/describe.h"
#include "validation/validate_pdf.h"

namespace tsp::validation {

// What all signatures of a document share.
struct Shared {
  Digests& digests;
  ChangeLog& changes;
  Context& context;
};

// `stamps`: the document time-stamps, judged, in the order of the file.
SignatureResult judge_signature(const PdfUnderValidation& document,
                                const pdf::SignatureEntry& entry,
                                const std::vector<DocumentStamp>& stamps, const Shared& shared);

}  // namespace tsp::validation
