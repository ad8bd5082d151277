// EN 319 102-1, 5.2.2, format checking, for signatures in PDF: whether the dictionary, its
// /ByteRange and /Contents, and the CMS inside have the shape that ISO 32000-1 12.8 and EN 319
// 142-1 clause 5 ask for. Says nothing of who signed and whether the value is right.
#pragma once

#include <optional>

#include "cms/signed_data.h"
#include "pdf/document.h"
#include "validation/conclusion.h"

namespace tsp::validation {

// Ids of findings.
inline constexpr std::string_view kByteRange =
                                      "pdf.byte-range",  // not four sound numbers from 0 on
    kByteRangeGap = "pdf.byte-range-gap",        // leaves out more, less or other than /Contents
    kContentsNotFound = "pdf.contents-not-hex",  // /Contents is no hex string in the file
    kContentsPadding = "pdf.contents-padding",   // something besides zeros follows the CMS
    kSubFilter = "pdf.sub-filter", kCertKey = "pdf.cert-key", kCmsMalformed = "cms.malformed",
                                  kSigners = "cms.signers", kCmsContent = "cms.content",
                                  kContentType = "cms.content-type";

struct FormatCheck {
  Conclusion conclusion;               // passed or FORMAT_FAILURE
  std::optional<cms::SignedData> cms;  // whenever it could be parsed
};

// For entries of type Sig and DocTimeStamp. `known`: certificates not to be decoded again, as for
// cms::parse().
FormatCheck check_format(const pdf::SignatureEntry& entry,
                         std::span<const x509::Certificate> known = {});

}  // namespace tsp::validation
