#include "validation/format_checking.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "cms/oids.h"
#include "crypto/der.h"

namespace tsp::validation {
namespace {

Conclusion malformed(std::string_view finding, std::string reason) {
  return conclude(Sub::format_failure, finding, std::move(reason));
}

bool is_timestamp(const pdf::SignatureEntry& entry) {
  return entry.type == "DocTimeStamp";
}

Conclusion check_dictionary(const pdf::SignatureEntry& entry) {
  const bool known = is_timestamp(entry)
                         ? entry.sub_filter == "ETSI.RFC3161"
                         : entry.type == "Sig" && (entry.sub_filter == "ETSI.CAdES.detached" ||
                                                   entry.sub_filter == "adbe.pkcs7.detached");
  if (!known)
    return malformed(kSubFilter, fmt::format("Type {} with SubFilter {} is not understood",
                                             printable(entry.type), printable(entry.sub_filter)));
  if (entry.has_cert_key && entry.sub_filter != "adbe.pkcs7.detached")
    return malformed(kCertKey, "the signature dictionary has a Cert key, which PAdES forbids");
  return passed();
}

// The one thing that keeps a signature from being moved to other content: what is left out is
// exactly the /Contents token, angle brackets included.
Conclusion check_byte_range(const pdf::SignatureEntry& entry) {
  if (!entry.byte_range)
    return malformed(kByteRange, "ByteRange is not four sound numbers that begin with 0");
  if (entry.gap_begin == 0 || entry.gap_end <= entry.gap_begin)
    return malformed(kContentsNotFound, "Contents does not stand in the file as one hex string");
  const pdf::ByteRange& range = *entry.byte_range;
  if (range.covers(range.file_end, entry.gap_begin, entry.gap_end)) return passed();
  return malformed(
      kByteRangeGap,
      fmt::format("ByteRange leaves out octets {} to {}, but Contents stands at {} to {}",
                  range.first_end, range.second_begin, entry.gap_begin, entry.gap_end));
}

// cms::parse() takes zeros behind the CMS and nothing else; this names that fault apart.
bool something_follows(ByteView contents) {
  const auto outer = crypto::der::first(contents);
  return outer && std::ranges::any_of(contents.subspan(outer->whole.size()),
                                      [](std::uint8_t octet) { return octet != 0; });
}

Conclusion check_cms(const pdf::SignatureEntry& entry, const cms::SignedData& cms) {
  if (cms.signers.size() != 1)
    return malformed(kSigners, fmt::format("the CMS has {} signers", cms.signers.size()));
  if (is_timestamp(entry)) {
    if (cms.content_type != cms::oids::kTstInfo || !cms.content)
      return malformed(kContentType, "the document time-stamp holds no time-stamp token");
    return passed();
  }
  if (cms.content) return malformed(kCmsContent, "the CMS has attached content");
  if (cms.content_type != cms::oids::kData)
    return malformed(kContentType, "the CMS is over a content that is not plain data");
  return passed();
}

}  // namespace

FormatCheck check_format(const pdf::SignatureEntry& entry,
                         std::span<const x509::Certificate> known) {
  FormatCheck out;
  Conclusion of_cms = passed();
  try {
    out.cms = cms::parse(entry.contents, known);
    of_cms = check_cms(entry, *out.cms);
  } catch (const Error& error) {
    of_cms = something_follows(entry.contents)
                 ? malformed(kContentsPadding, "Contents holds more than the CMS and zeros")
                 : malformed(kCmsMalformed, "Contents holds no readable CMS: " + error.why);
  }
  for (Conclusion conclusion : {check_dictionary(entry), check_byte_range(entry), of_cms})
    if (!conclusion.passed()) {
      out.conclusion = std::move(conclusion);
      break;
    }
  return out;
}

}  // namespace tsp::validation
