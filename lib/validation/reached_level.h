// The level that a signature has grown into (EN 319 142-1 clause 6), by time-stamps that were
// judged. Internal to the room.
#pragma once

#include "ades/pades.h"
#include "validation/document_stamps.h"
#include "validation/with_time.h"

namespace tsp::validation {

struct ReachedLevel {
  // With all time-stamps but those that fail for good: what is reported.
  ades::Level told;
  // With those alone that passed, at the current time or by past signature validation: what a
  // policy may ask for. Never above the other.
  ades::Level proven;
};

// `stamps`: those of the signature itself are looked at, all that were judged; `document_stamps`:
// all of the document.
ReachedLevel reached_level(const pdf::Inspection& document, const pdf::SignatureEntry& entry,
                           const cms::SignedData& data, const std::vector<CoveringStamp>& stamps,
                           const std::vector<DocumentStamp>& document_stamps);

// Whether a level, "none" among them, is below one of B-B, B-T, B-LT and B-LTA.
bool is_below(std::string_view level, std::string_view least);

}  // namespace tsp::validation
