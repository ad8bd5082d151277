// The document time-stamps of a PDF and what they prove (EN 319 102-1, 5.6.2.3 and 5.6.3 step 5,
// over the whole document at once: each covers all that stands before it).
#pragma once

#include "validation/crypto_verification.h"
#include "validation/timestamp.h"

namespace tsp::validation {

struct DocumentStamp {
  const pdf::SignatureEntry* entry;
  std::uint64_t reach;  // see Proofs
  std::string id;       // the field's name
  TimestampValidation judged;
};

// Tells context.proofs where everything stands: certificates, CRLs and OCSP answers of the security
// store by the revision that wrote them, signatures and what they carry by theirs.
void place_objects(const pdf::Inspection& document, Context& context);

// Judges every document time-stamp of sound shape, the last first, each with what those behind it
// prove. Returned in the order of the file.
std::vector<DocumentStamp> judge_document_stamps(const pdf::Inspection& document, Digests& digests,
                                                 Context& context);

}  // namespace tsp::validation
